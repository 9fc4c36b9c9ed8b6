/**
 * A load that is killed (kill -9) at a random moment, every fourth time a second one whose database connections are cut,
 * and a finishing run end in the same state as one clean run. KILL_ROUNDS says how often, KILL_SEED repeats a run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labExtract } from '../../bench/lab-extract.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { patientLines } from '../import/memory-store.js';
import { type Folder, makeFolder, programs, settingsFor } from './processes.js';

const rounds = Number(process.env.KILL_ROUNDS ?? 1);
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const results = 20_000;

let folder: Folder;
let files: readonly string[];
beforeAll(async () => {
  folder = await makeFolder();
  const extract = join(folder.path, 'Observation.ndjson');
  await writeFile(extract, [...labExtract({ results, seed })].join(''));
  const ids = Array.from({ length: 500 }, (_, index) => index);
  files = [await folder.write('Patient.ndjson', patientLines(ids)), extract];
});
afterAll(() => folder.remove());

async function start(database: TestDatabase) {
  const settings = await settingsFor(folder, database.url);
  return spawn(process.execPath, [programs.hospitalApi, 'import', '--quiet', ...files], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function finish(database: TestDatabase, round = 'clean run'): Promise<void> {
  const child = await start(database);
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect([child.exitCode, said], round).toEqual([0, '']);
}

/** Ids, content and states, and whether what is kept beside them is right. */
async function stateOf(database: TestDatabase): Promise<readonly unknown[]> {
  return database.query(`
    select count(*), md5(string_agg(id || record_state || split_part(body, ',"created_ts":"', 1)
        || source_version, e'\\n' order by collection, id)) as content,
      bool_and(exists (select from change where change.collection = record.collection
        and change.position = record.position and change.version = record.version)) as logged,
      (select sum(live) from source) = count(*) as sources,
      bool_and(exists (select from source where source.collection = record.collection
        and source.id = record.source_id)) as kept
    from record`);
}

async function interrupt(
  database: TestDatabase,
  by: 'kill' | 'cut',
  afterMs: number,
): Promise<void> {
  const child = await start(database);
  child.stderr.resume();
  const ended = once(child, 'exit');
  await Promise.race([pause(afterMs), ended]);
  if (by === 'kill') child.kill('SIGKILL');
  else {
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
  }
  await ended;
}

describe(`a load of ${results} results that is interrupted (seed ${seed}, ${rounds} rounds)`, () => {
  it(
    'ends like a clean one when it is run again',
    async () => {
      const random = createRandom(seed);
      const clean = await createDatabase();
      const startMs = performance.now();
      await finish(clean);
      const cleanMs = performance.now() - startMs;
      const expected = await stateOf(clean);
      await clean.drop();
      expect(expected).toMatchObject([{ logged: true, sources: true, kept: true }]);
      for (let round = 0; round < rounds; round += 1) {
        const database = await createDatabase();
        await interrupt(database, 'kill', random() * cleanMs);
        if (round % 4 === 3) await interrupt(database, 'cut', random() * cleanMs);
        await finish(database, `round ${round}`);
        expect(await stateOf(database), `round ${round}`).toEqual(expected);
        await database.drop();
      }
    },
    (rounds + 1) * 120_000,
  );
});

function createRandom(from: number): () => number {
  let state = from;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
