/** A Pub/Sub topic for each collection: a page is published when every message of it is acknowledged. */
import type { Attributes, PubSub, Topic } from '@google-cloud/pubsub';
import { publishError } from './producer-error.js';

export interface OutgoingMessage {
  readonly data: Buffer;
}

export interface Topics {
  /** `projects/P/topics/T`. */
  nameOf(collection: string): string;
  /** @throws ProducerError when somebody has to fix it, PublishFailed when it may be tried again */
  publish(
    collection: string,
    messages: readonly OutgoingMessage[],
    attributes: Attributes,
  ): Promise<void>;
  close(): Promise<void>;
}

export interface TopicsOptions {
  readonly project: string;
  /** The topic's id, with `{collection}` in it. */
  readonly topic: string;
  /** How long Pub/Sub may be away; for ever without it. */
  readonly giveUpAfterSeconds?: number | undefined;
}

/** Of one topic, not acknowledged yet. */
const maxOutstandingBytes = 16 * 1024 * 1024;
/** How long the client tries one request by itself before its page is published again. */
const publishDeadlineMs = 60_000;
const rpcTimeoutMs = 20_000;

export async function openTopics(options: TopicsOptions): Promise<Topics> {
  const { project } = options;
  const { PubSub } = await import('@google-cloud/pubsub');
  const client = new PubSub({ projectId: project });
  const topics = new Map<string, Topic>();
  const nameOf = (collection: string) =>
    `projects/${project}/topics/${options.topic.replaceAll('{collection}', collection)}`;
  const topicOf = (collection: string) => {
    const known = topics.get(collection) ?? openTopic(client, nameOf(collection), options);
    topics.set(collection, known);
    return known;
  };
  return {
    nameOf,
    publish: async (collection, messages, attributes) => {
      const topic = topicOf(collection);
      try {
        await publishAll(topic, messages, attributes);
      } catch (error) {
        throw publishError(error, { topic: topic.name, collection });
      }
    },
    close: () => client.close(),
  };
}

function openTopic(client: PubSub, name: string, options: TopicsOptions): Topic {
  const { giveUpAfterSeconds = Infinity } = options;
  const deadlineMs = Math.min(publishDeadlineMs, giveUpAfterSeconds * 1000);
  return client.topic(name, {
    batching: { maxMessages: 1000, maxBytes: 4 * 1024 * 1024, maxMilliseconds: 2 },
    flowControlOptions: { maxOutstandingBytes },
    gaxOpts: {
      retry: {
        retryCodes: passingCodes,
        backoffSettings: {
          initialRetryDelayMillis: 100,
          retryDelayMultiplier: 2,
          maxRetryDelayMillis: 5_000,
          initialRpcTimeoutMillis: Math.min(rpcTimeoutMs, deadlineMs),
          rpcTimeoutMultiplier: 1,
          maxRpcTimeoutMillis: Math.min(rpcTimeoutMs, deadlineMs),
          totalTimeoutMillis: deadlineMs,
        },
      },
    },
  });
}

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE: the client's own list. */
const passingCodes = [1, 2, 4, 8, 10, 13, 14];

async function publishAll(
  topic: Topic,
  messages: readonly OutgoingMessage[],
  attributes: Attributes,
): Promise<void> {
  const publisher = topic.flowControlled();
  const acknowledged: Promise<unknown>[] = [];
  const collect = () => {
    const all = publisher.all();
    // Handled below; until then it must not count as unhandled.
    all.catch(() => undefined);
    acknowledged.push(all);
  };
  for (const message of messages) {
    const room = publisher.publish({ ...message, attributes });
    if (room === null) continue;
    collect();
    await room;
  }
  collect();
  // Also where one failed: nothing of this page is on its way when it is published again.
  const outcomes = await Promise.allSettled(acknowledged);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
