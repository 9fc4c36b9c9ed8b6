/**
 * What a load costs beside a bare COPY of the same bytes, on the same database in the same run: `npm run bench:import`.
 * BENCH_RESULTS results (1,000,000), BENCH_SEED (1), BENCH_DATABASE_URL in place of an embedded PostgreSQL.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openEmbedded } from '../src/store/embedded/embedded.js';
import { labExtract } from './lab-extract.js';

const results = Number(process.env.BENCH_RESULTS ?? 1_000_000);
const seed = Number(process.env.BENCH_SEED ?? 1);
const program = fileURLToPath(new URL('../dist/commands/hospital-api.js', import.meta.url));
/** Preloaded into a measured process: writes the most memory it ever held. */
const peakMemory = `data:text/javascript,import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024)));`;

const folder = await mkdtemp(join(tmpdir(), 'hospital-bench-'));
const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
try {
  await main();
} finally {
  for (const close of closers.reverse()) await close();
}

async function main(): Promise<void> {
  const url = process.env.BENCH_DATABASE_URL ?? (await embedded());
  const [small, large] = await Promise.all([extract(Math.ceil(results / 10)), extract(results)]);
  const bytes = (await stat(large)).size;
  console.log(`${results} results, ${bytes} bytes, seed ${seed}, ${cpus().length} cores`);
  console.log(`load of the machine before: ${loadavg()[0]?.toFixed(1) ?? '?'}\n`);
  const copy = await copyLines(url, large);
  const tenth = await load(await emptied(url), small, { KEEP_SOURCE: 'true' });
  const without = await load(await emptied(url), large, { KEEP_SOURCE: 'false' });
  const kept = await load(await emptied(url), large, { KEEP_SOURCE: 'true' });
  const again = await load(url, large, { KEEP_SOURCE: 'true' });
  const lines = copy.records;
  const rows = [
    ['COPY into one text column', copy.seconds, '', ''],
    ['first load, resources kept', kept.seconds, 'at least 0.25', kept.peak],
    ['first load, not kept', without.seconds, 'at least 0.3', without.peak],
    ['second load, unchanged', again.seconds, 'at least 0.5', again.peak],
  ] as const;
  for (const [name, seconds, wanted, peak] of rows) {
    const rate = Math.round(lines / seconds).toLocaleString('en');
    const share = (copy.seconds / seconds).toFixed(2);
    console.log(
      `${name.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s ${rate.padStart(9)} lines/s  ${share} × COPY ${wanted}${peak === '' ? '' : `  peak ${megabytes(peak)} MB`}`,
    );
  }
  console.log(
    `\npeak of a tenth of it: ${megabytes(tenth.peak)} MB; the whole: ${(kept.peak / tenth.peak).toFixed(2)} × that (at most 1.2)`,
  );
  console.log(
    `sources on disk: ${megabytes(await sizeOf(url, 'source'))} MB of ${megabytes(bytes)} MB`,
  );
}

async function embedded(): Promise<string> {
  const server = await openEmbedded({ folder: join(folder, 'postgres'), role: 'command' });
  closers.push(() => server.close());
  return server.url;
}

async function extract(count: number): Promise<string> {
  const path = join(folder, `${count}.ndjson`);
  await pipeline(
    Readable.from(inPortions(labExtract({ results: count, seed }))),
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

async function emptied(url: string): Promise<string> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ tablename: string }>(
      `select tablename from pg_tables where schemaname = 'public' and tablename in ('record', 'change', 'source', 'load', 'feed')`,
    );
    for (const { tablename } of rows) await client.query(`truncate ${tablename}`);
    await client.query('checkpoint');
  });
  return url;
}

async function load(url: string, path: string, settings: Readonly<Record<string, string>>) {
  const peakFile = join(folder, 'peak');
  const start = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', peakMemory, program, 'import', '--json', '--quiet', path],
    {
      env: { ...process.env, DATABASE_URL: url, PEAK_MEMORY_FILE: peakFile, ...settings },
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`the load ended with status ${String(status)}`);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, peak: Number(await readFile(peakFile, 'utf8')) };
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
