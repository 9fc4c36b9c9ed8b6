/** Four writers in a process of their own, until SIGTERM: they insert, update, roll back, and pause before they commit. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/db/database.js';
import { startLoad } from '../../src/ingest/write/load-store.js';
import type { Load } from '../../src/ingest/write/staged-record.js';
import { inBatch } from '../../src/ingest/write/batch-transaction.js';
import { labResult } from '../../tests/support/records.js';
import { randomFrom } from './random.js';

const [url = '', seed = '0'] = process.argv.slice(2);
const writerCount = 4;
const idCount = 500;
const nothing = () => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const ending = new AbortController();
process.on('SIGTERM', () => {
  ending.abort();
});
process.stdout.write('ready\n');
const written = await Promise.all(
  Array.from({ length: writerCount }, (_, n) => write(randomFrom(Number(seed) + n))),
);
process.stdout.write(`${written.reduce((sum, count) => sum + count, 0)}\n`);

async function write(random: () => number): Promise<number> {
  const database = openDatabase({ url, log: silent, connections: 1 });
  const slow = hesitant(database, random);
  let load: Load | undefined;
  let count = 0;
  while (!ending.signal.aborted) {
    try {
      load ??= await startLoad(database, { source: 'ehr', files: [] });
      const ids = new Set(Array.from({ length: 5 }, () => Math.floor(random() * idCount)));
      const records = [...ids].map((id) => labResult(String(id), { value_number: random() }));
      const target = { collection: 'lab_results', contract: 'torture', load };
      await inBatch(slow, target, (batch) => batch.write(records));
      count += records.length;
    } catch {
      // Rolled back on purpose, the database is away, or without the lock two took the same position.
      await pause(random() * 20);
    }
  }
  await database.close();
  return count;
}

function hesitant(database: Database, random: () => number): Database {
  return {
    ...database,
    transaction: (work) =>
      database.transaction(async (client) => {
        const result = await work(client);
        await pause(random() * 20);
        if (random() < 0.2) throw new Error('rolled back on purpose');
        return result;
      }),
  };
}
