/**
 * Long polls: pages that wait until their feed has something new.
 *
 * Readers hold no connection while they wait. One connection listens for the notification that every commit on a feed
 * sends (migration 0003), and a notification wakes the readers of that collection. Readers at the same position with the
 * same limit form a group that shares one query, so that a thousand followers cost as much as one. A query that began
 * before a commit may miss it; whoever comes while it runs therefore waits for the next one. While the listening
 * connection is lost, readers get their page when their wait is over; once it is back, all groups are queried again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.js';
import type { Page, PageRequest } from './page.js';

export interface Wait {
  readonly waitMs: number;
  /** Aborted when the reader has gone. */
  readonly signal: AbortSignal;
}

export interface LongPolls {
  /** The page; while it is empty, the call waits for at most `waitMs`. */
  read(request: PageRequest, wait: Wait): Promise<Page>;
  /** How many wait at the moment. */
  readers(): number;
  /** Whoever waits gets the empty page at once, and so does whoever comes later. */
  end(): void;
  close(): Promise<void>;
}

export interface LongPollOptions {
  readonly url: string;
  readonly log: Log;
  readonly readPage: (request: PageRequest) => Promise<Page>;
}

/** Readers of one page. They hold no connection. */
interface PollGroup {
  readonly request: PageRequest;
  readonly readers: Set<(page: Page | undefined) => void>;
  /** The query that is under way. */
  running?: Promise<Page> | undefined;
  /** The one that begins after it, shared by all who have come since that began. */
  next?: Promise<Page> | undefined;
}

/** The groups of one collection. */
interface CollectionPolls {
  readonly groups: Map<string, PollGroup>;
  isWaking: boolean;
  /** It moved once more while its readers were being woken. */
  movedAgain: boolean;
}

const queriesAtOnce = 4;

export function createLongPolls({ url, log, readPage }: LongPollOptions): LongPolls {
  const collections = new Map<string, CollectionPolls>();
  let ended = false;
  const wakeUp = (waiters: CollectionPolls) => void wake(waiters, readPage, log);
  const listener: FeedListener = createFeedListener({
    ...{ url, log },
    onMoved: (collection) => {
      const polls = collections.get(collection);
      if (polls !== undefined) wakeUp(polls);
    },
    onListening: () => {
      for (const waiters of collections.values()) wakeUp(waiters);
    },
  });
  return {
    read: async (request, wait) => {
      if (ended) return readPage(request);
      listener.listen();
      // Counted in before the feed is read, so that no change falls between the two.
      const waiters = pollsOf(collections, request.collection);
      const { group, woken, unsubscribe } = subscribe(waiters, request, wait);
      try {
        const page = await readShared(group, readPage);
        return isStillEmpty(request, page) ? ((await woken) ?? page) : page;
      } finally {
        unsubscribe();
      }
    },
    readers: () => {
      const groups = [...collections.values()].flatMap((of) => [...of.groups.values()]);
      return groups.reduce((sum, { readers }) => sum + readers.size, 0);
    },
    end: () => {
      ended = true;
      for (const { groups } of collections.values()) {
        for (const group of groups.values()) deliver(group, undefined);
      }
    },
    close: () => listener.close(),
  };
}

function pollsOf(collections: Map<string, CollectionPolls>, collection: string): CollectionPolls {
  const waiters = collections.get(collection) ?? {
    ...{ groups: new Map<string, PollGroup>(), isWaking: false, movedAgain: false },
  };
  collections.set(collection, waiters);
  return waiters;
}

/** @returns a promise of the page that came, or of nothing when the time is over; and how to be counted out */
function subscribe({ groups }: CollectionPolls, request: PageRequest, { waitMs, signal }: Wait) {
  const { after, epoch, limit, form } = request;
  const key = [after, epoch, limit, form].join(' ');
  const group: PollGroup = groups.get(key) ?? { request, readers: new Set() };
  groups.set(key, group);
  let unsubscribe: () => void = () => undefined;
  const woken = new Promise<Page | undefined>((resolve) => {
    const timer = setTimeout(resolve, waitMs, undefined);
    group.readers.add(resolve);
    unsubscribe = () => {
      clearTimeout(timer);
      resolve(undefined);
      group.readers.delete(resolve);
      if (group.readers.size === 0 && groups.get(key) === group) groups.delete(key);
    };
    if (signal.aborted) unsubscribe();
    else signal.addEventListener('abort', unsubscribe, { once: true });
  });
  return { group, woken, unsubscribe };
}

/** What a query finds that begins after this call. */
async function readShared(group: PollGroup, readPage: LongPollOptions['readPage']): Promise<Page> {
  group.next ??= (async () => {
    await (group.running ?? Promise.resolve()).catch(() => undefined);
    group.running = group.next;
    group.next = undefined;
    return readPage(group.request).finally(() => {
      group.running = undefined;
    });
  })();
  return group.next;
}

/** A cursor of another history, or ahead of the feed, has its answer at once. */
function isStillEmpty({ after, epoch }: PageRequest, page: Page): boolean {
  if (page.end !== after) return false;
  return epoch === undefined || (epoch === page.epoch && after <= page.last);
}

async function wake(
  waiters: CollectionPolls,
  readPage: LongPollOptions['readPage'],
  log: Log,
): Promise<void> {
  waiters.movedAgain = waiters.isWaking;
  if (waiters.isWaking) return;
  waiters.isWaking = true;
  try {
    do {
      waiters.movedAgain = false;
      const rest = [...waiters.groups.values()].values();
      const one = async () => {
        for (const group of rest) await wakeGroup(group, readPage);
      };
      await Promise.all(Array.from({ length: queriesAtOnce }, one));
      // Set anew while this waited.
    } while (waiters.movedAgain as boolean);
  } catch (error) {
    // They get their empty page in time, and ask again.
    log.warn({ error }, 'long polls could not be answered after a change');
  } finally {
    waiters.isWaking = false;
  }
}

async function wakeGroup(group: PollGroup, readPage: LongPollOptions['readPage']): Promise<void> {
  if (group.readers.size === 0) return;
  const page = await readShared(group, readPage);
  if (!isStillEmpty(group.request, page)) deliver(group, page);
}

function deliver({ readers }: PollGroup, page: Page | undefined): void {
  for (const reader of readers) reader(page);
}

interface FeedListenerOptions {
  readonly url: string;
  readonly log: Log;
  /** A feed moved to this position. */
  readonly onMoved: (collection: string, position: number) => void;
  /** From now on commits are heard; those of the time before were missed. */
  readonly onListening: () => void;
}

interface FeedListener {
  /** The connection is made at the first call. */
  listen(): void;
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;
const firstRetryMs = 100;
const longestRetryMs = 5_000;
/** How soon a connection that was cut silently is noticed. */
const heartbeatMs = 10_000;
const endWithinMs = 1_000;

function createFeedListener(options: FeedListenerOptions): FeedListener {
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
    const isListening = await listenOnce(options, closing);
    if (isListening) retryMs = firstRetryMs;
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
  const connectionLost = new AbortController();
  const ending = AbortSignal.any([closing, connectionLost.signal]);
  client.on('error', () => {
    connectionLost.abort();
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
    // The connection failed or was lost: the caller tries again.
  }
  if (!closing.aborted)
    log.warn({ heard }, 'the connection that listens for changes is lost: long polls answer late');
  await Promise.race([client.end().catch(() => undefined), delay(endWithinMs)]);
  return heard;
}
