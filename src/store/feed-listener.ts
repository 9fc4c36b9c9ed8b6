/** Hears of each commit that moves a feed, on one connection of its own that is made anew when it is lost. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.js';

export interface FeedListenerOptions {
  readonly url: string;
  readonly log: Log;
  /** A feed moved to this position. */
  readonly onMoved: (collection: string, position: number) => void;
  /** From now on commits are heard; those of the time before were missed. */
  readonly onListening: () => void;
}

export interface FeedListener {
  /** The connection is made at the first call. */
  listen(): void;
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;
const firstRetryMs = 100;
const longestRetryMs = 5_000;
/** A line that was cut without a word is noticed this soon. */
const heartbeatMs = 10_000;
const endWithinMs = 1_000;

export function createFeedListener(options: FeedListenerOptions): FeedListener {
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  return {
    listen: () => {
      running ??= keepListening(options, closing.signal);
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

async function keepListening(options: FeedListenerOptions, closing: AbortSignal): Promise<void> {
  let retryMs = firstRetryMs;
  while (!closing.aborted) {
    const heard = await listenOnce(options, closing);
    if (heard) retryMs = firstRetryMs;
    await delay(retryMs, undefined, { signal: closing }).catch(() => undefined);
    retryMs = Math.min(2 * retryMs, longestRetryMs);
  }
}

/** @returns whether commits were heard, once that has ended */
async function listenOnce(
  { url, log, onMoved, onListening }: FeedListenerOptions,
  closing: AbortSignal,
): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: connectTimeoutMs,
    application_name: 'hospital-streaming-api waiting',
  });
  let heard = false;
  const lost = new AbortController();
  const ending = AbortSignal.any([closing, lost.signal]);
  client.on('error', () => {
    lost.abort();
  });
  client.on('notification', ({ payload = '' }) => {
    const [collection = '', position] = payload.split(' ');
    onMoved(collection, Number(position));
  });
  try {
    await client.connect();
    await client.query('listen feed_moved');
    heard = true;
    onListening();
    for (;;) {
      await delay(heartbeatMs, undefined, { signal: ending });
      await client.query('select');
    }
  } catch {
    // Not heard, or no longer: the caller tries again.
  }
  if (!closing.aborted)
    log.warn({ heard }, 'changes are not heard at present: readers that wait get them late');
  await Promise.race([client.end().catch(() => undefined), delay(endWithinMs)]);
  return heard;
}
