/** Pages that are held back until their feed moves: readers behind the same position share one query. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.js';
import type { Page, PageRequest } from './page.js';

export interface Wait {
  readonly waitMs: number;
  /** Calls back when the reader is there no more. */
  readonly whenGone: (leave: () => void) => void;
}

export interface WaitingPages {
  /** The page, held back for at most `waitMs` while it is empty. */
  read(request: PageRequest, wait: Wait): Promise<Page>;
  /** How many wait at the moment. */
  readers(): number;
  /** Whoever waits gets the empty page at once, and so does whoever comes later. */
  end(): void;
  close(): Promise<void>;
}

export interface WaitingOptions {
  readonly url: string;
  readonly log: Log;
  readonly readPage: (request: PageRequest) => Promise<Page>;
}

/** Readers of one page. They hold no connection. */
interface Group {
  readonly request: PageRequest;
  readonly readers: Set<(page: Page | undefined) => void>;
  /** The query that is under way. */
  running?: Promise<Page> | undefined;
  /** The one that begins after it, shared by all who have come since that began. */
  next?: Promise<Page> | undefined;
}

/** The groups of one collection. */
interface Waiters {
  readonly groups: Map<string, Group>;
  isWaking: boolean;
  /** It moved once more while its readers were being woken. */
  movedAgain: boolean;
}

const queriesAtOnce = 4;

export function createWaitingPages({ url, log, readPage }: WaitingOptions): WaitingPages {
  const collections = new Map<string, Waiters>();
  let ended = false;
  const wakeUp = (waiters: Waiters) => void wake(waiters, readPage, log);
  const listener: FeedListener = createFeedListener({
    ...{ url, log },
    onMoved: (collection) => {
      const waiters = collections.get(collection);
      if (waiters !== undefined) wakeUp(waiters);
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
      const waiters = waitersOf(collections, request.collection);
      const { group, woken, leave } = join(waiters, request, wait);
      try {
        const page = await readShared(group, readPage);
        return isHeldBack(request, page) ? ((await woken) ?? page) : page;
      } finally {
        leave();
      }
    },
    readers: () => {
      const groups = [...collections.values()].flatMap((of) => [...of.groups.values()]);
      return groups.reduce((sum, { readers }) => sum + readers.size, 0);
    },
    end: () => {
      ended = true;
      for (const { groups } of collections.values()) {
        for (const group of groups.values()) tell(group, undefined);
      }
    },
    close: () => listener.close(),
  };
}

function waitersOf(collections: Map<string, Waiters>, collection: string): Waiters {
  const waiters = collections.get(collection) ?? {
    ...{ groups: new Map<string, Group>(), isWaking: false, movedAgain: false },
  };
  collections.set(collection, waiters);
  return waiters;
}

/** @returns a promise of the page that came, or of nothing when the time is over; and how to be counted out */
function join({ groups }: Waiters, request: PageRequest, { waitMs, whenGone }: Wait) {
  const { after, epoch, limit, form } = request;
  const key = [after, epoch, limit, form].join(' ');
  const group: Group = groups.get(key) ?? { request, readers: new Set() };
  groups.set(key, group);
  let leave: () => void = () => undefined;
  const woken = new Promise<Page | undefined>((resolve) => {
    const timer = setTimeout(resolve, waitMs, undefined);
    group.readers.add(resolve);
    leave = () => {
      clearTimeout(timer);
      resolve(undefined);
      group.readers.delete(resolve);
      if (group.readers.size === 0 && groups.get(key) === group) groups.delete(key);
    };
    whenGone(leave);
  });
  return { group, woken, leave };
}

/** What a query finds that begins after this call. */
async function readShared(group: Group, readPage: WaitingOptions['readPage']): Promise<Page> {
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
function isHeldBack({ after, epoch }: PageRequest, page: Page): boolean {
  if (page.end !== after) return false;
  return epoch === undefined || (epoch === page.epoch && after <= page.last);
}

async function wake(
  waiters: Waiters,
  readPage: WaitingOptions['readPage'],
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
    log.warn({ error }, 'readers that wait could not be told of a change');
  } finally {
    waiters.isWaking = false;
  }
}

async function wakeGroup(group: Group, readPage: WaitingOptions['readPage']): Promise<void> {
  if (group.readers.size === 0) return;
  const page = await readShared(group, readPage);
  if (!isHeldBack(group.request, page)) tell(group, page);
}

function tell({ readers }: Group, page: Page | undefined): void {
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
/** A line that was cut without a word is noticed this soon. */
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
