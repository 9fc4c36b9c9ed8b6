/** How records are read: pages, pages that are waited for, stretches of lines, and single records. */
import { StoredText } from '../contract/operations.js';
import type { Database, PoolState } from '../db/database.js';
import { partitionOf } from '../db/statement.js';
import type { Log } from '../log.js';
import { type Digest, type DigestRequest, readDigest } from './digest.js';
import { createWaitingPages, type Wait } from './long-poll.js';
import {
  readLines,
  readSlice,
  type Slice,
  type SliceRequest,
  type Stretch,
} from './ndjson-export.js';
import { type Page, type PageRequest, readPage } from './page.js';
import { type Databases, readNearest, type Replica, type ReplicaState } from './replica-routing.js';

export interface Reading {
  page(request: PageRequest): Promise<Page>;
  /** The same page, held back while it is empty. */
  awaitedPage(request: PageRequest, wait: Wait): Promise<Page>;
  /** Pages that are held back are answered at once, those to come as well. */
  endWaiting(): void;
  lines(stretch: Stretch): AsyncIterable<Slice>;
  digest(request: DigestRequest): Promise<Digest>;
  /** @param held the newest version that the reader has: an older one is no answer */
  find(collection: string, id: string, held?: Version): Promise<StoredRecord | undefined>;
  activity(): Activity;
}

/** What is under way at the moment. */
interface Activity {
  readonly pools: readonly PoolState[];
  /** Readers whose page is held back. */
  readonly waitingReaders: number;
  /** Stretches of lines that are being read. */
  readonly exports: number;
  /** Nothing where there is none. */
  readonly replica: ReplicaState | undefined;
}

export interface ReadingOptions {
  readonly database: Database;
  readonly replica: Replica | undefined;
  /** The primary, where commits are listened for. */
  readonly url: string;
  readonly log: Log;
}

export function openReading({ database, replica, url, log }: ReadingOptions) {
  const { page, slice, find } = nearestReads({ primary: database, replica });
  const waiting = createWaitingPages({
    ...{ url, log },
    // Where changes are heard of, they are there at once. A commit that waits for its replica is seen there first.
    readPage: async (request) => {
      const found = await readPage(database, request);
      return replica === undefined || knows(found, request) ? found : page(request);
    },
  });
  let exports = 0;
  const reading: Reading = {
    page,
    awaitedPage: (request, wait) => waiting.read(request, wait),
    endWaiting: () => {
      waiting.end();
    },
    lines: async function* (stretch) {
      exports += 1;
      try {
        yield* readLines(stretch, slice);
      } finally {
        exports -= 1;
      }
    },
    // It is compared with a copy, which may have been read from the primary.
    digest: (request) => readDigest(database, request),
    find,
    activity: () => ({
      pools: [...database.pools(), ...(replica?.pools() ?? [])],
      waitingReaders: waiting.readers(),
      ...{ exports, replica: replica?.state() },
    }),
  };
  return {
    reading,
    close: async () => {
      waiting.end();
      await waiting.close();
    },
  };
}

/** Reads that a replica answers where what it has suffices. */
function nearestReads(databases: Databases) {
  return {
    page: (request: PageRequest) =>
      readNearest(
        databases,
        (from) => readPage(from, request),
        (found) => knows(found, request),
      ),
    slice: (request: SliceRequest) =>
      readNearest(
        databases,
        (from) => readSlice(from, request),
        ({ epoch, seen }) => epoch === request.epoch && seen >= request.through,
      ),
    find: (collection: string, id: string, held?: Version) =>
      readNearest(
        databases,
        (from) => findRecord(from, collection, id),
        (found) => found !== undefined && isAtLeast(found, held),
      ),
  };
}

/** Whether the position that a reader goes on from is one that the database has reached, in the same history. */
function knows({ epoch, last }: Page, request: PageRequest): boolean {
  return request.after <= last && (request.epoch ?? epoch) === epoch;
}

function isAtLeast({ epoch, position }: Version, held: Version | undefined): boolean {
  return held === undefined || (epoch === held.epoch && position >= held.position);
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
