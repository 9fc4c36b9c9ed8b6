/** One feed to its topic, part after part; the next is fetched while the last are published. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectionName, HospitalClient, Part } from '@hospital-streaming-api/client';
import { positionOfTime } from '../contract/time.js';
import { type FeedState, placeOf } from './checkpoint.js';
import { changesOf } from './message.js';
import type { ProducerMetrics } from './metrics.js';
import { ProducerError, PublishFailed, followError } from './producer-error.js';
import type { OutgoingMessage, Topics } from './topics.js';

export interface PublishFeedOptions {
  readonly collection: { readonly name: CollectionName; readonly idField: string };
  readonly client: HospitalClient;
  readonly topics: Pick<Topics, 'publish'>;
  readonly contractVersion: () => Promise<string>;
  readonly from: FeedState | undefined;
  readonly save: (collection: string, state: FeedState) => Promise<void>;
  readonly metrics: ProducerMetrics;
  /** End when the feed is exhausted. */
  readonly once: boolean;
  /** How long the service or Pub/Sub may be away; for ever without it. */
  readonly giveUpAfterSeconds: number | undefined;
  /** Told before each wait. */
  readonly onWait: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Parts of a megabyte on their way at a time: fetching, publishing and saving do not wait for each other. */
export const maxPagesInFlight = 12;

/** @throws ProducerError, or the reason of the signal */
export async function publishFeed(options: PublishFeedOptions): Promise<void> {
  const { collection, once } = options;
  const pages = followFeed(options);
  const checkpoint = createCheckpointer(options);
  const inFlight: Promise<void>[] = [];
  let next = prefetched(pages.next());
  try {
    for (;;) {
      const page = await pageOf(collection.name, next);
      if (page.more || !once) next = prefetched(pages.next());
      inFlight.push(prefetched(checkpoint(page, publishPage(page, options))));
      if (!page.more || inFlight.length >= maxPagesInFlight) {
        await Promise.all(page.more ? inFlight.splice(0, 1) : inFlight.splice(0));
      }
      if (once && !page.more) return;
    }
  } finally {
    // Whatever ends the feed, what is on its way comes to its end and into the checkpoint first.
    await Promise.allSettled(inFlight);
  }
}

/** A page is settled when it and all before it were acknowledged, and the checkpoint says so. */
function createCheckpointer({ collection: { name }, from, save, metrics }: PublishFeedOptions) {
  let publishedThrough = from?.publishedThrough ?? '';
  let saved = from?.cursor;
  let before: Promise<void> = Promise.resolve();
  return (page: Part, acknowledged: Promise<void>): Promise<void> => {
    const both = Promise.all([before, acknowledged]);
    before = both.then(async () => {
      const { cursor, epoch } = page;
      publishedThrough = page.updatedThrough ?? publishedThrough;
      if (cursor !== saved || cursor === undefined) {
        await save(name, { epoch, cursor, publishedThrough });
        saved = cursor;
        metrics.checkpointed(name);
      }
      metrics.behind(name, page.more ? secondsBetween(publishedThrough, page.position) : 0);
    });
    return before;
  };
}

function followFeed(options: PublishFeedOptions): AsyncGenerator<Part, never> {
  const { client, collection, from, signal, giveUpAfterSeconds, metrics, onWait } = options;
  return client.followBytes(collection.name, {
    ...placeOf(from),
    signal,
    giveUpAfterSeconds,
    onRetry: ({ reason, delayMs, attempt }) => {
      metrics.retried(collection.name, 'read');
      const seconds = (delayMs / 1000).toFixed(1);
      if (attempt === 1 || attempt % 10 === 0) {
        onWait(
          `${collection.name}: the service cannot answer (${reason}); next try in ${seconds} s`,
        );
      }
    },
  });
}

/** A page that is fetched ahead may fail before anybody waits for it. */
function prefetched<Result>(next: Promise<Result>): Promise<Result> {
  next.catch(() => undefined);
  return next;
}

async function pageOf(name: string, next: Promise<IteratorResult<Part, never>>): Promise<Part> {
  try {
    return (await next).value;
  } catch (error) {
    throw followError(name, error);
  }
}

async function publishPage(page: Part, options: PublishFeedOptions): Promise<void> {
  if (page.records.length === 0) return;
  const { collection, topics, metrics, signal, onWait, contractVersion } = options;
  const { name } = collection;
  const attributes = {
    collection: name,
    contract_version: await contractVersion(),
    traceparent: newTraceparent(),
  };
  const messages = messagesOf(page, options);
  const bytes = messages.reduce((sum, { data }) => sum + data.length, 0);
  const started = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      await topics.publish(name, messages, attributes);
      metrics.published(name, messages.length, bytes);
      return;
    } catch (error) {
      if (!(error instanceof PublishFailed)) throw error;
      metrics.retried(name, 'publish');
      assertTimeLeft(error, performance.now() - started, options);
      onWait(`${name}: Pub/Sub cannot take a page (${error.message}); it is published again`);
      await sleep(Math.min(30_000, 500 * 2 ** attempt), undefined, { signal });
    }
  }
}

function assertTimeLeft(
  error: PublishFailed,
  waitedMs: number,
  { giveUpAfterSeconds = Infinity }: PublishFeedOptions,
): void {
  if (waitedMs < giveUpAfterSeconds * 1000) return;
  throw new ProducerError(
    'unavailable',
    `Pub/Sub cannot be reached (${error.message}): check the way to pubsub.googleapis.com, such as firewall and Private Google Access; the next run goes on where this one was`,
  );
}

function messagesOf(
  { records, epoch }: Part,
  { collection }: PublishFeedOptions,
): readonly OutgoingMessage[] {
  return changesOf(records, { collection: collection.name, epoch }).map((data) => ({ data }));
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

function secondsBetween(from: string, to: string): number {
  return from === '' ? 0 : Math.max(0, (positionOfTime(to) - positionOfTime(from)) / 1_000_000);
}
