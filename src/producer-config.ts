/** What the settings of the producer mean together. */
import { join } from 'node:path';
import type { Circumstances } from './database-config.js';
import type { Values } from './settings.js';

export interface ProducerConfig {
  /** Without a closing slash. */
  readonly serviceUrl: string;
  readonly project: string | undefined;
  /** The id of the topics, with `{collection}` in it. */
  readonly topic: string;
  readonly ordering: boolean;
  readonly maxOutstandingBytes: number;
  readonly publishDeadlineMs: number;
  /** A path or `gs://bucket/object`. */
  readonly checkpoint: string | undefined;
  /** Keys that stand in the environment, by their secret's id. */
  readonly keys: Readonly<Record<string, string>>;
}

interface ProducerCircumstances extends Pick<Circumstances, 'production' | 'folder'> {
  readonly secretIds: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string | undefined>>;
}

export function producerOf(values: Values, circumstances: ProducerCircumstances): ProducerConfig {
  const { production, folder } = circumstances;
  const local = production ? undefined : join(folder, '.local', 'checkpoint.json');
  return {
    serviceUrl: values.SERVICE_URL,
    project: values.PUBSUB_PROJECT,
    topic: values.PUBSUB_TOPIC,
    ordering: values.PUBSUB_ORDERING,
    maxOutstandingBytes: values.PUBSUB_MAX_OUTSTANDING_MB * 1024 * 1024,
    publishDeadlineMs: values.PUBSUB_DEADLINE_SECONDS * 1000,
    checkpoint: values.CHECKPOINT ?? local,
    keys: keysInTexts(circumstances),
  };
}

/** `patients_api_key` stands in `PATIENTS_API_KEY`. */
function keysInTexts({ secretIds, texts }: ProducerCircumstances) {
  const entries = Object.values(secretIds).flatMap((secretId) => {
    const key = texts[secretId.toUpperCase().replaceAll('-', '_')]?.trim() ?? '';
    return key === '' ? [] : [[secretId, key] as const];
  });
  return Object.fromEntries(entries);
}
