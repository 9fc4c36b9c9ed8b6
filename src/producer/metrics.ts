/** What the producer counts, for its progress line and for whoever collects metrics. */

export interface ProducerMetrics {
  /** Messages that were acknowledged, and the bytes of their data. */
  published(collection: string, messages: number, bytes: number): void;
  /** Something was tried again: a request to the service, or a page at Pub/Sub. */
  retried(collection: string, what: 'read' | 'publish'): void;
  /** The checkpoint was written. */
  checkpointed(collection: string): void;
  /** How far the feed's newest change is ahead of what was acknowledged. */
  behind(collection: string, seconds: number): void;
}

export interface Counts {
  readonly messages: number;
  readonly bytes: number;
  readonly readRetries: number;
  readonly publishRetries: number;
  readonly checkpoints: number;
  /** Nothing before the first page. */
  readonly lagSeconds: number | undefined;
}

export interface Counters extends ProducerMetrics {
  /** By collection. */
  snapshot(): Readonly<Record<string, Counts>>;
}

const none: Counts = {
  ...{ messages: 0, bytes: 0, readRetries: 0, publishRetries: 0, checkpoints: 0 },
  lagSeconds: undefined,
};

export function createCounters(collections: readonly string[]): Counters {
  const counts = new Map<string, Counts>(collections.map((name) => [name, none]));
  const change = (collection: string, by: (counts: Counts) => Partial<Counts>) => {
    const present = counts.get(collection) ?? none;
    counts.set(collection, { ...present, ...by(present) });
  };
  return {
    published: (collection, messages, bytes) => {
      change(collection, (now) => ({
        messages: now.messages + messages,
        bytes: now.bytes + bytes,
      }));
    },
    retried: (collection, what) => {
      change(collection, (now) =>
        what === 'read'
          ? { readRetries: now.readRetries + 1 }
          : { publishRetries: now.publishRetries + 1 },
      );
    },
    checkpointed: (collection) => {
      change(collection, (now) => ({ checkpoints: now.checkpoints + 1 }));
    },
    behind: (collection, lagSeconds) => {
      change(collection, () => ({ lagSeconds }));
    },
    snapshot: () => Object.fromEntries(counts),
  };
}
