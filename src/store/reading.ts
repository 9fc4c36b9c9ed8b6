/** How records are read: pages, pages that are waited for, stretches of lines, and single records. */
import type { Log } from '../log.js';
import type { Database, PoolState } from './database.js';
import { type Slice, type Stretch, readLines } from './lines.js';
import { type Page, type PageRequest, readPage } from './page.js';
import { type Digest, type DigestRequest, readDigest } from './digest.js';
import { type StoredRecord, findRecord } from './record.js';
import { type Wait, createWaitingPages } from './waiting.js';

export interface Reading {
  page(request: PageRequest): Promise<Page>;
  /** The same page, held back while it is empty. */
  awaitedPage(request: PageRequest, wait: Wait): Promise<Page>;
  /** Pages that are held back are answered at once, those to come as well. */
  endWaiting(): void;
  lines(stretch: Stretch): AsyncIterable<Slice>;
  digest(request: DigestRequest): Promise<Digest>;
  find(collection: string, id: string): Promise<StoredRecord | undefined>;
  activity(): Activity;
}

/** What is under way at the moment. */
interface Activity {
  readonly pools: readonly PoolState[];
  /** Readers whose page is held back. */
  readonly waitingReaders: number;
  /** Stretches of lines that are being read. */
  readonly exports: number;
}

export interface ReadingOptions {
  readonly database: Database;
  /** Where commits are listened for. */
  readonly url: string;
  readonly log: Log;
}

export function openReading({ database, url, log }: ReadingOptions) {
  const page = (request: PageRequest) => readPage(database, request);
  const waiting = createWaitingPages({ url, log, readPage: page });
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
        yield* readLines(database, stretch);
      } finally {
        exports -= 1;
      }
    },
    digest: (request) => readDigest(database, request),
    find: (collection, id) => findRecord(database, collection, id),
    activity: () => ({ pools: database.pools(), waitingReaders: waiting.readers(), exports }),
  };
  return {
    reading,
    close: async () => {
      waiting.end();
      await waiting.close();
    },
  };
}
