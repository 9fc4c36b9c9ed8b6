/** The promise of the feed: a follower ends with the store's latest state, whoever writes, rolls back or resets the clock. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/db/database.js';
import type { Load } from '../../src/ingest/write/staged-record.js';
import { inBatch } from '../../src/ingest/write/batch-transaction.js';
import { labResult } from '../support/records.js';
import { type TestService, silent, startService } from '../support/service.js';

const batchesEach = Number(process.env.TORTURE_BATCHES ?? 25);
const timeout = 120_000;
/** What is left to chance has so many of them to come. */
const mostRounds = 10;
const idCount = 500;
const writerCount = 8;

describe('followers beside 8 writers with rollbacks and a clock set back at random', () => {
  it(
    'end with 0 of 500 records stale, by page and by COPY',
    async () => {
      const outcome = await torture({ lock: true });
      expect(outcome.written).toBeGreaterThan(100);
      expect(outcome).toMatchObject({ staleByPage: 0, staleByCopy: 0, outOfOrder: 0 });
    },
    timeout,
  );

  it(
    'lose records once the lock is taken away, so that the test above can fail',
    async () => {
      let lost = 0;
      for (let round = 0; lost === 0 && round < mostRounds; round += 1) {
        const { staleByPage, staleByCopy, outOfOrder } = await torture({ lock: false });
        lost = staleByPage + staleByCopy + outOfOrder;
      }
      expect(lost).toBeGreaterThan(0);
    },
    timeout,
  );
});

async function torture({ lock }: { readonly lock: boolean }) {
  const service = await startService();
  await service.database.query(`
    create or replace function feed_clock() returns bigint language sql volatile
      return (extract(epoch from clock_timestamp()) * 1000000)::bigint - (random() * 5000000)::bigint`);
  if (!lock) {
    await service.database.query(`
      create or replace function feed_lock(of_collection text) returns bigint language sql volatile
        return (select last from feed where collection = of_collection)`);
  }
  const load = await service.store.startLoad({ source: 'ehr', files: [] });
  const done = { writing: true };
  const followers = [follow(service, 'page', done), follow(service, 'copy', done)] as const;
  const writers = Array.from({ length: writerCount }, () => write(service, load));
  const written = (await Promise.all(writers)).reduce((sum, count) => sum + count, 0);
  done.writing = false;
  const [byPage, byCopy] = await Promise.all(followers);
  const rows = await service.database.query('select id, version from record');
  const latest = new Map(rows.map(({ id, version }) => [id, version]));
  await service.close();
  const stale = (seen: ReadonlyMap<unknown, unknown>) =>
    [...latest].filter(([id, version]) => seen.get(id) !== version).length;
  return {
    written,
    staleByPage: stale(byPage.versions),
    staleByCopy: stale(byCopy.versions),
    outOfOrder: byPage.outOfOrder + byCopy.outOfOrder,
  };
}

/** Writes small random batches on a connection of its own; one in five is rolled back, all pause before commit. */
async function write({ database: { url } }: TestService, load: Load) {
  const database = hesitant(openDatabase({ url, log: silent, connections: 1 }));
  let written = 0;
  for (let batch = 0; batch < batchesEach; batch += 1) {
    const ids = new Set(Array.from({ length: 5 }, () => Math.floor(Math.random() * idCount)));
    const records = [...ids].map((id) => labResult(String(id), { value_number: Math.random() }));
    try {
      const target = { collection: 'lab_results', contract: 'test', load };
      await inBatch(database, target, (batch) => batch.write(records));
      written += records.length;
    } catch {
      // Rolled back: on purpose, or because without the lock two took the same position.
    }
  }
  await database.close();
  return written;
}

function hesitant(database: Database): Database {
  return {
    ...database,
    transaction: (work) =>
      database.transaction(async (client) => {
        const result = await work(client);
        await pause(Math.random() * 20);
        if (Math.random() < 0.2) throw new Error('rolled back on purpose');
        return result;
      }),
  };
}

/** Follows the feed over HTTP until a page is empty after writing ended. */
async function follow(
  service: TestService,
  way: 'page' | 'copy',
  done: { readonly writing: boolean },
) {
  const versions = new Map<unknown, unknown>();
  let outOfOrder = 0;
  let newest = '';
  for (let cursor = ''; ;) {
    const lastRound = !done.writing;
    const limit = way === 'page' ? 'limit=20&' : '';
    const { status, text, headers } = await service.fetch(
      `/lab_results?${limit}${cursor && `cursor=${cursor}`}`,
      { key: 'lab_results', headers: { accept: 'application/x-ndjson' } },
    );
    // Without the lock the feed's end can step back, and a cursor then lies ahead of it.
    if (status !== 200) return { versions, outOfOrder: outOfOrder + 1 };
    const records = text.split('\n').filter(Boolean).map(parse);
    for (const { lab_result_id: id, version, updated_ts: time } of records) {
      if (time <= newest) outOfOrder += 1;
      newest = time;
      versions.set(id, version);
    }
    cursor = headers.get('next-cursor') ?? '';
    if (lastRound && records.length === 0) return { versions, outOfOrder };
  }
}

function parse(line: string) {
  return JSON.parse(line) as { lab_result_id: string; version: number; updated_ts: string };
}
