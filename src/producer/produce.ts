/** One process follows every feed and publishes it: page, acknowledgements, checkpoint, in this order. */
import type { HospitalClient } from '@hospital-streaming-api/client';
import { assertOwn, type Checkpoint, type Checkpoints, type FeedState } from './checkpoint.js';
import { publishFeed, type PublishFeedOptions } from './publish-feed.js';

export interface ProduceOptions extends Omit<
  PublishFeedOptions,
  'collection' | 'from' | 'save' | 'signal'
> {
  readonly collections: PublishFeedOptions['collection'][];
  /** The service's address, by which a checkpoint is known as its own. */
  readonly service: string;
  readonly checkpoints: Checkpoints;
  /** Publish everything anew, whatever the checkpoint says. */
  readonly fromStart: boolean;
  readonly signal: AbortSignal;
}

/**
 * Ends when the feeds are exhausted, if it is to end there; otherwise with the reason of the signal.
 * @throws ProducerError with what to do
 */
export async function produce(options: ProduceOptions): Promise<void> {
  const { checkpoints, service, fromStart, collections } = options;
  if (!fromStart) assertOwn(checkpoints.saved, service);
  const feeds = new Map(fromStart ? [] : Object.entries(checkpoints.saved?.feeds ?? {}));
  const save = createSaver({ checkpoints, service, feeds });
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const publishing = collections.map(async (collection) => {
    try {
      const from = feeds.get(collection.name);
      await publishFeed({ ...options, collection, from, save, signal });
    } catch (error) {
      // One that cannot go on ends them all; the page that each is at is published and checkpointed first.
      ending.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(publishing);
  await Promise.all(publishing).catch((error: unknown) => {
    throw ending.signal.aborted ? (ending.signal.reason as Error) : error;
  });
}

interface SaverOptions {
  readonly checkpoints: Checkpoints;
  readonly service: string;
  readonly feeds: Map<string, FeedState>;
}

/** The feeds share one checkpoint: while it is written, whatever comes waits for the next write, which takes it all. */
function createSaver({ checkpoints, service, feeds }: SaverOptions) {
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return (collection: string, state: FeedState): Promise<void> => {
    feeds.set(collection, state);
    next ??= writing.then(() => {
      next = undefined;
      const checkpoint: Checkpoint = { service, feeds: Object.fromEntries(feeds) };
      writing = checkpoints.save(checkpoint);
      return writing;
    });
    return next;
  };
}

const freshMs = 60_000;

/** Asked for again after a while: a service is replaced while the producer runs. */
export function createContractVersion(
  { api }: HospitalClient,
  known: string,
): () => Promise<string> {
  let version = known;
  let readMs = -Infinity;
  return async () => {
    if (performance.now() - readMs < freshMs) return version;
    readMs = performance.now();
    const answer = await api.GET('/health/live').catch(() => undefined);
    version = answer?.data?.contract_version ?? version;
    return version;
  };
}
