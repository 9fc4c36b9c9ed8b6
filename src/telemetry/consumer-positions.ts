/** How far each consumer is in each feed: the newest position that it was sent. */
import type { ObservedRequest } from './observed.js';

/** A place in a feed, in microseconds since 1970. */
export interface Position {
  readonly collection: string;
  readonly position: number;
}

interface ConsumerPosition extends Position {
  readonly consumer: string;
}

export interface ConsumerPositions {
  /** Takes note of an answer that was sent whole. */
  note(request: ObservedRequest): void;
  list(): readonly ConsumerPosition[];
}

/** @param readCursor what a cursor of this service says */
export function createConsumerPositions(
  readCursor: (cursor: string) => Position | undefined,
): ConsumerPositions {
  // Consumers and collections are configured, so that there are never many.
  const newest = new Map<string, ConsumerPosition>();
  const take = (consumer: string, cursor: string) => {
    const sent = readCursor(cursor);
    if (sent === undefined) return;
    const id = `${sent.collection} ${consumer}`;
    const before = newest.get(id)?.position ?? 0;
    if (sent.position >= before) newest.set(id, { ...sent, consumer });
  };
  return {
    note: ({ method, consumer, response }) => {
      const { statusCode, writableFinished } = response;
      if (method !== 'GET' || consumer === undefined) return;
      if (statusCode !== 200 || !writableFinished) return;
      const cursor = response.getHeader('next-cursor');
      if (typeof cursor === 'string') take(consumer, cursor);
    },
    list: () => [...newest.values()],
  };
}
