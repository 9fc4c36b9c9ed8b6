/** The settings of the producer: which service it reads, where it publishes, and what it remembers of it. */
import { join } from 'node:path';
import { anyText, type ConfigContext, type Setting, type ValuesOf } from './setting.js';

export const producerSettings = {
  SERVICE_URL: {
    meaning: 'The service that `npm run produce` reads.',
    wanted: 'a URL such as https://api.hospital.example/v1',
    example: 'https://api.hospital.example',
    default: 'http://127.0.0.1:8080',
    parse: (text) =>
      /^https?:\/\//.test(text) && URL.canParse(text) ? text.replace(/\/+$/, '') : undefined,
  } satisfies Setting<string>,
  PUBSUB_PROJECT: {
    meaning: 'Google Cloud project of the topics that `npm run produce` publishes to.',
    wanted: 'the id of a project',
    example: 'hospital-prod',
    default: undefined,
    parse: (text) => (/^[a-z0-9][a-z0-9.:-]{0,62}$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  PUBSUB_TOPIC: {
    meaning: 'Id of the topics; `{collection}` stands for the collection’s name.',
    wanted: 'the id of a topic with {collection} in it',
    example: 'hospital-{collection}',
    default: 'hospital-{collection}',
    parse: (text) =>
      /^[A-Za-z][\w.~+%-]*$/.test(text.replaceAll('{collection}', 'x')) &&
      text.includes('{collection}')
        ? text
        : undefined,
  } satisfies Setting<string>,
  CHECKPOINT: {
    meaning:
      'Where the producer keeps how far it is: a file, or an object of a bucket. Outside production .local/checkpoint.json without it.',
    wanted: 'the path of a file, or gs://bucket/object',
    example: 'gs://hospital-prod-producer/checkpoint.json',
    default: undefined,
    parse: (text) =>
      text.startsWith('gs:') && !/^gs:\/\/[a-z0-9][a-z0-9._-]+\/[^/].*$/.test(text)
        ? undefined
        : anyText(text),
  } satisfies Setting<string | undefined>,
};

export interface ProducerConfig {
  /** Without a closing slash. */
  readonly serviceUrl: string;
  readonly project: string | undefined;
  /** The id of the topics, with `{collection}` in it. */
  readonly topic: string;
  /** A path or `gs://bucket/object`. */
  readonly checkpoint: string | undefined;
  /** Keys that stand in the environment, by their secret's id. */
  readonly keys: Readonly<Record<string, string>>;
}

interface ProducerContext extends Pick<ConfigContext, 'production' | 'folder'> {
  readonly secretIds: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string | undefined>>;
}

export function producerOf(
  values: ValuesOf<typeof producerSettings>,
  context: ProducerContext,
): ProducerConfig {
  const { production, folder } = context;
  const local = production ? undefined : join(folder, '.local', 'checkpoint.json');
  return {
    serviceUrl: values.SERVICE_URL,
    project: values.PUBSUB_PROJECT,
    topic: values.PUBSUB_TOPIC,
    checkpoint: values.CHECKPOINT ?? local,
    keys: keysInTexts(context),
  };
}

/** `patients_api_key` stands in `PATIENTS_API_KEY`. */
function keysInTexts({ secretIds, texts }: ProducerContext) {
  const entries = Object.values(secretIds).flatMap((secretId) => {
    const key = texts[secretId.toUpperCase().replaceAll('-', '_')]?.trim() ?? '';
    return key === '' ? [] : [[secretId, key] as const];
  });
  return Object.fromEntries(entries);
}
