/**
 * Replica routing: reads go to a replica while it follows the primary closely, and to the primary otherwise.
 *
 * Twice a second the positions of all feeds are read from both databases. The replica is as new as the last snapshot of
 * the primary whose positions it has reached; how old that snapshot is, is its lag. An idle feed is therefore never
 * behind, and no clock is compared with another machine's. Beyond `maxLagMs`, after an error, or when it is of another
 * history, the replica is out of use until a comparison finds it caught up again.
 *
 * That is for the average reader. One that has a cursor or an ETag may know more than the replica, so each read checks
 * its own result as well: where the replica has not reached the position that the reader goes on from, the primary is
 * read instead. So no reader ever moves backwards.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type PoolState,
} from '../db/database.js';
import { identity } from './epoch.js';

export interface Replica {
  /** The database while it answers; nothing while it is away, or further behind than it may be. */
  database(): Database | undefined;
  /** It could not answer: the primary does, until the replica is found well again. */
  failed(error: unknown): void;
  state(): ReplicaState;
  pools(): readonly PoolState[];
  close(): Promise<void>;
}

export interface ReplicaState {
  readonly standing: 'in_use' | 'behind' | 'away';
  /** For how long at most it has not been found to have all that the primary has. */
  readonly behindMs: number;
}

export interface ReplicaConfig {
  readonly url: string;
  /** Further behind it answers nothing. */
  readonly maxLagMs: number;
}

export interface ReplicaOptions extends ReplicaConfig, Pick<DatabaseOptions, 'log' | 'observe'> {
  readonly primary: Database;
}

/** The positions of all feeds of a database at one time. */
interface FeedSnapshot {
  readonly identity: string;
  readonly isReplica: boolean;
  readonly feeds: readonly (readonly [collection: string, epoch: number, last: number])[];
}

/** What the primary had at a time, which the replica had not. */
interface Mark {
  readonly atMs: number;
  readonly look: FeedSnapshot;
}

const compareEveryMs = 500;

export function openReplica(options: ReplicaOptions): Replica {
  const database = openDatabase(options);
  const health = watchHealth(options);
  const closing = new AbortController();
  const running = keepComparing(
    createComparison(options.primary, database),
    health,
    closing.signal,
  );
  return {
    database: () => (health.state().standing === 'in_use' ? database : undefined),
    failed: (error) => {
      health.failed(error);
    },
    state: () => health.state(),
    pools: () => database.pools().map((pool) => ({ ...pool, name: `replica ${pool.name}` })),
    close: async () => {
      closing.abort();
      await running;
      await database.close();
    },
  };
}

interface Health {
  /** @param sinceMs until when it has all that the primary had, where that is news */
  seen(sinceMs: number | undefined): void;
  failed(error: unknown): void;
  state(): ReplicaState;
}

function watchHealth({ maxLagMs, log }: Pick<ReplicaOptions, 'maxLagMs' | 'log'>): Health {
  const openedMs = performance.now();
  let lastError: unknown;
  let caughtUpMs: number | undefined;
  let loggedStanding: ReplicaState['standing'] = 'away';
  const state = (): ReplicaState => {
    const behindMs = performance.now() - (caughtUpMs ?? openedMs);
    const isAway = lastError !== undefined || caughtUpMs === undefined;
    return { standing: isAway ? 'away' : behindMs > maxLagMs ? 'behind' : 'in_use', behindMs };
  };
  const logChange = () => {
    const { standing, behindMs } = state();
    if (standing === loggedStanding) return;
    loggedStanding = standing;
    if (standing === 'in_use') log.info({}, 'the replica answers reads');
    else {
      const facts = { behindMs: Math.round(behindMs), error: lastError };
      log.warn(facts, `the replica is ${standing}: the primary answers reads`);
    }
  };
  return {
    seen: (sinceMs) => {
      lastError = undefined;
      caughtUpMs = sinceMs ?? caughtUpMs;
      logChange();
    },
    failed: (error) => {
      lastError = error;
      logChange();
    },
    state,
  };
}

async function keepComparing(
  compareOnce: () => Promise<number | undefined>,
  health: Health,
  closing: AbortSignal,
): Promise<void> {
  while (!closing.aborted) {
    try {
      health.seen(await compareOnce());
    } catch (error) {
      health.failed(error);
    }
    await delay(compareEveryMs, undefined, { signal: closing, ref: false }).catch(() => undefined);
  }
}

/**
 * Time is measured by the feeds themselves: the replica is as new as the last look at the primary whose positions it
 * has reached. An idle feed is never behind, and a clock is compared with itself alone.
 * @returns what compares both: the time up to which the replica has everything, where that has changed
 */
function createComparison(primary: Database, replica: Database): () => Promise<number | undefined> {
  let mark: Mark | undefined;
  return async () => {
    const atMs = performance.now();
    // In this order: what the replica then has not yet, it may still have got meanwhile.
    const here = await readSnapshot(primary);
    const there = await readSnapshot(replica);
    assertReplica(here, there);
    const before = mark;
    if (hasReached(there, here)) {
      mark = undefined;
      return atMs;
    }
    if (before === undefined || hasReached(there, before.look)) mark = { atMs, look: here };
    return mark === before ? undefined : before?.atMs;
  };
}

async function readSnapshot(database: Database): Promise<FeedSnapshot> {
  const [row] = await database.query<
    Omit<FeedSnapshot, 'feeds'> & { readonly feeds: FeedSnapshot['feeds'] | null }
  >({
    name: 'look',
    text: `select ${identity} as identity, pg_is_in_recovery() as "isReplica",
             (select json_agg(json_build_array(collection, epoch, last) order by collection) from feed) as feeds`,
  });
  if (row === undefined) throw new Error('PostgreSQL answered no row');
  return { ...row, feeds: row.feeds ?? [] };
}

/** Another history must not be mixed with this one: its positions mean other changes. */
function assertReplica(here: FeedSnapshot, there: FeedSnapshot): void {
  if (!there.isReplica) throw new Error('DATABASE_READ_URL is no replica: it takes writes itself');
  const epochs = ({ feeds }: FeedSnapshot) => feeds.map(([, epoch]) => epoch).join();
  if (there.identity !== here.identity || epochs(there) !== epochs(here)) {
    throw new Error('the replica is of another history than the primary');
  }
}

function hasReached(there: FeedSnapshot, wanted: FeedSnapshot): boolean {
  return wanted.feeds.every(([, , last], index) => (there.feeds[index]?.[2] ?? -1) >= last);
}

export interface Databases {
  readonly primary: Database;
  readonly replica: Replica | undefined;
}

/** @param isFreshEnough whether the result shows that the replica is new enough for this reader */
export async function readRouted<Result>(
  { primary, replica }: Databases,
  read: (database: Database) => Promise<Result>,
  isFreshEnough: (found: Result) => boolean,
): Promise<Result> {
  const usable = replica?.database();
  if (usable !== undefined) {
    try {
      const found = await read(usable);
      if (isFreshEnough(found)) return found;
    } catch (error) {
      replica?.failed(error);
    }
  }
  return read(primary);
}
