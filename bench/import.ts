/**
 * What a load costs beside a bare COPY of the same bytes, on the same database in the same run: `npm run lab -- bench:import`,
 * or `npm run lab -- bench:import STAGE…` for some of the stages: tenth, unkept, first, again, fill, many.
 * BENCH_RESULTS results (1,000,000), BENCH_STORED records that `fill` stores (10,000,000), BENCH_ADDED results that `many`
 * adds (200,000), BENCH_SEED (1); BENCH_DATABASE_URL in place of an embedded PostgreSQL, which is kept with BENCH_FOLDER.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openEmbedded } from '../src/db/embedded/embedded.js';
import { labExtract } from './lab-extract.js';
import { compareManyStored, fill, storedCount } from './many-stored.js';
import { type MeasuredLoad, measuredLoad } from './measured-load.js';

const stages = ['tenth', 'unkept', 'first', 'again', 'fill', 'many'];
const asked = new Set(process.argv.length > 2 ? process.argv.slice(2) : stages);
const unknown = [...asked].filter((stage) => !stages.includes(stage));
if (unknown.length > 0) throw new Error(`no stage ${unknown.join()}: name ${stages.join(', ')}`);
const numberOf = (name: string, usual: number) => Number(process.env[name] ?? usual);
const results = numberOf('BENCH_RESULTS', 1_000_000);
const toStore = numberOf('BENCH_STORED', 10_000_000);
const added = numberOf('BENCH_ADDED', 200_000);
const seed = numberOf('BENCH_SEED', 1);

const folder = await mkdtemp(join(tmpdir(), 'hospital-bench-'));
const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
try {
  const url = process.env.BENCH_DATABASE_URL ?? (await embedded());
  console.log(
    `seed ${seed}, ${cpus().length} cores, load before ${loadavg()[0]?.toFixed(1) ?? '?'}`,
  );
  if (['tenth', 'unkept', 'first', 'again'].some((stage) => asked.has(stage)))
    await besideCopy(url);
  if (asked.has('fill') || asked.has('many')) await manyStored(url);
} finally {
  for (const close of closers.reverse()) await close();
}

async function besideCopy(url: string): Promise<void> {
  const path = await extract(results);
  const { seconds: copySeconds, records: lines } = await copyLines(url, path);
  const load = (keepSource: boolean, of = path) =>
    measuredLoad({ url, path: of, folder, keepSource });
  const tell = (name: string, wanted: number, { seconds, peak }: MeasuredLoad) => {
    const rate = Math.round(lines / seconds).toLocaleString('en');
    const share = (copySeconds / seconds).toFixed(2);
    console.log(
      `${name}: ${seconds.toFixed(1)} s, ${rate} lines/s, ${share} × COPY (at least ${wanted}), peak ${megabytes(peak)} MB (below 250)`,
    );
  };
  console.log(
    `${results} results, ${megabytes((await stat(path)).size)} MB; COPY into one text column: ${copySeconds.toFixed(1)} s`,
  );
  let tenth: MeasuredLoad | undefined;
  if (asked.has('tenth')) {
    await emptied(url);
    tenth = await load(true, await extract(Math.ceil(results / 10)));
    console.log(`a tenth of it: peak ${megabytes(tenth.peak)} MB`);
  }
  if (asked.has('unkept')) {
    await emptied(url);
    tell('first load, resources not kept', 0.3, await load(false));
  }
  if (asked.has('first')) {
    await emptied(url);
    const first = await load(true);
    tell('first load, resources kept', 0.25, first);
    const more = tenth === undefined ? undefined : first.peak / tenth.peak;
    if (more !== undefined) console.log(`  peak ${more.toFixed(2)} × that of a tenth (below 1.2)`);
    console.log(`  sources on disk: ${megabytes(await sizeOf(url, 'source'))} MB`);
  }
  if (asked.has('again')) tell('second load, unchanged', 0.5, await load(true));
}

async function manyStored(url: string): Promise<void> {
  const load = (path: string) => () => measuredLoad({ url, path, folder, keepSource: true });
  await withClient(url, async (client) => {
    if (asked.has('fill')) {
      await emptied(url);
      await fill(client, toStore, load(await extract(1000)));
    }
    if (!asked.has('many')) return;
    const stored = await storedCount(client);
    const {
      records,
      insertSeconds,
      load: measured,
    } = await compareManyStored(client, load(await extract(added, seed + 1)));
    console.log(
      `${records} records beside ${stored}: bare INSERT … ON CONFLICT ${insertSeconds.toFixed(1)} s, load ${measured.seconds.toFixed(1)} s, ${(measured.seconds / insertSeconds).toFixed(2)} × (at most 1.3)`,
    );
  });
}

async function embedded(): Promise<string> {
  const { BENCH_FOLDER: kept } = process.env;
  const place = kept === undefined ? join(folder, 'postgres') : resolve(kept);
  await mkdir(place, { recursive: true });
  const first = await openEmbedded({ folder: place, role: 'command' });
  // As docs/importing.md asks of a server that is loaded into.
  await withClient(first.url, async (client) => {
    await client.query(`alter system set shared_buffers = '1GB'`);
    await client.query(`alter system set max_wal_size = '8GB'`);
    await client.query(`alter system set checkpoint_timeout = '30min'`);
  });
  await first.close();
  const server = await openEmbedded({ folder: place, role: 'command' });
  closers.push(() => server.close());
  await withClient(server.url, async (client) => {
    const { rows } = await client.query<{ size: string }>(
      `select current_setting('shared_buffers') as size`,
    );
    if (rows[0]?.size !== '1GB') throw new Error('the server did not take its settings');
  });
  return server.url;
}

async function extract(count: number, from = seed): Promise<string> {
  const path = join(folder, `${count}.${from}.ndjson`);
  await pipeline(
    Readable.from(inPortions(labExtract({ results: count, seed: from }))),
    createWriteStream(path),
  );
  return path;
}

/** A chunk a line would cost more than the lines. */
function* inPortions(lines: Iterable<string>): Generator<string> {
  let portion = '';
  for (const line of lines) {
    portion += line;
    if (portion.length < 256 * 1024) continue;
    yield portion;
    portion = '';
  }
  yield portion;
}

async function copyLines(url: string, path: string) {
  return withClient(url, async (client) => {
    await client.query('drop table if exists bench_lines');
    await client.query('create table bench_lines (line text)');
    await client.query('checkpoint');
    const start = performance.now();
    const sink = client.query(
      copyFrom(`copy bench_lines from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')`),
    );
    await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), sink);
    const seconds = (performance.now() - start) / 1000;
    await client.query('drop table bench_lines');
    return { seconds, records: sink.rowCount };
  });
}

async function emptied(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ tablename: string }>(
      `select tablename from pg_tables where schemaname = 'public' and tablename in ('record', 'change', 'source', 'load', 'feed', 'fact', 'fact_about')`,
    );
    for (const { tablename } of rows) await client.query(`truncate ${tablename}`);
    await client.query('checkpoint');
  });
}

async function sizeOf(url: string, table: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ bytes: string }>(
      'select pg_total_relation_size($1::regclass) as bytes',
      [table],
    );
    return Number(rows[0]?.bytes);
  });
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
