/** The read side of the store: pages, long polls, exports, digests and single records. */
import { StoredText } from '../contract/operations.js';
import { type Database, type PoolState, partitionOf } from '../db/database.js';
import type { Log } from '../log.js';
import { type Digest, type DigestRequest, readDigest } from './digest.js';
import { createLongPolls, type Wait } from './long-poll.js';
import {
  readSlices,
  readSlice,
  type Slice,
  type SliceRequest,
  type FeedRange,
} from './ndjson-export.js';
import { type Page, type PageRequest, readPage } from './page.js';
import { type Databases, readRouted, type Replica, type ReplicaState } from './replica-routing.js';

export interface FeedReader {
  page(request: PageRequest): Promise<Page>;
  /** The same page; while it is empty, the call waits. */
  awaitedPage(request: PageRequest, wait: Wait): Promise<Page>;
  /** Long polls are answered at once, those to come as well. */
  endLongPolls(): void;
  lines(range: FeedRange): AsyncIterable<Slice>;
  digest(request: DigestRequest): Promise<Digest>;
  /** @param atLeast the newest version that the reader has: an older one is no answer */
  find(collection: string, id: string, atLeast?: Version): Promise<StoredRecord | undefined>;
  activity(): Activity;
}

/** What is under way at the moment. */
interface Activity {
  readonly pools: readonly PoolState[];
  /** Long polls under way. */
  readonly waitingReaders: number;
  /** Exports under way. */
  readonly exports: number;
  /** Nothing where there is none. */
  readonly replica: ReplicaState | undefined;
}

export interface FeedReaderOptions {
  readonly database: Database;
  readonly replica: Replica | undefined;
  /** The primary, where commits are listened for. */
  readonly url: string;
  readonly log: Log;
}

export function openFeedReader({ database, replica, url, log }: FeedReaderOptions) {
  const { page, slice, find } = routedReads({ primary: database, replica });
  const longPolls = createLongPolls({
    ...{ url, log },
    // Where changes are heard of, they are there at once. A commit that waits for its replica is seen there first.
    readPage: async (request) => {
      const found = await readPage(database, request);
      return replica === undefined || hasReached(found, request) ? found : page(request);
    },
  });
  let exports = 0;
  const reading: FeedReader = {
    page,
    awaitedPage: (request, wait) => longPolls.read(request, wait),
    endLongPolls: () => {
      longPolls.end();
    },
    lines: async function* (range) {
      exports += 1;
      try {
        yield* readSlices(range, slice);
      } finally {
        exports -= 1;
      }
    },
    // It is compared with a copy, which may have been read from the primary.
    digest: (request) => readDigest(database, request),
    find,
    activity: () => ({
      pools: [...database.pools(), ...(replica?.pools() ?? [])],
      waitingReaders: longPolls.readers(),
      ...{ exports, replica: replica?.state() },
    }),
  };
  return {
    reading,
    close: async () => {
      longPolls.end();
      await longPolls.close();
    },
  };
}

/** Reads that a replica answers where what it has suffices. */
function routedReads(databases: Databases) {
  return {
    page: (request: PageRequest) =>
      readRouted(
        databases,
        (from) => readPage(from, request),
        (found) => hasReached(found, request),
      ),
    slice: (request: SliceRequest) =>
      readRouted(
        databases,
        (from) => readSlice(from, request),
        ({ epoch, seen }) => epoch === request.epoch && seen >= request.through,
      ),
    find: (collection: string, id: string, atLeast?: Version) =>
      readRouted(
        databases,
        (from) => findRecord(from, collection, id),
        (found) => found !== undefined && isAtLeast(found, atLeast),
      ),
  };
}

/** Whether the position that a reader goes on from is one that the database has reached, in the same history. */
function hasReached({ epoch, last }: Page, request: PageRequest): boolean {
  return request.after <= last && (request.epoch ?? epoch) === epoch;
}

function isAtLeast({ epoch, position }: Version, other: Version | undefined): boolean {
  return other === undefined || (epoch === other.epoch && position >= other.position);
}

interface StoredRecord {
  readonly body: StoredText;
  /** Position of the record's latest change: microseconds since 1970. */
  readonly position: number;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch: number;
}

/** One version of a record, as its ETag names it. */
export type Version = Pick<StoredRecord, 'position' | 'epoch'>;

async function findRecord(
  database: Database,
  collection: string,
  id: string,
): Promise<StoredRecord | undefined> {
  const [row] = await database.read({
    name: `record ${collection}`,
    text: `select body, position, epoch from ${partitionOf(collection)} join feed using (collection)
           where collection = $1 and id = $2`,
    values: [collection, id],
  });
  const [body, position, epoch] = row ?? [];
  if (body == null) return undefined;
  return {
    body: new StoredText(body),
    position: Number(position),
    epoch: Number(epoch),
  };
}
