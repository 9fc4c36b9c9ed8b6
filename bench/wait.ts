/** From a change's commit to the readers that wait for it: 100 of them, and 2,000 beside bare node:http. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './built-service.js';
import { type Report, medianOf, ratioOf } from './comparison.js';
import type { Dataset } from './dataset.js';
import { key, root } from './folder.js';
import { passed } from './requests.js';
import { type Server, serviceOn, start } from './servers.js';
import type { Toolchain } from './toolchain.js';
import { type Answer, type Waiters, openWaiters } from './waiters.js';
import { scrape, valueOf } from '../tests/support/scrape.js';

const few = { readers: 100, changes: 100, mostMs: 20 };
const many = { readers: 2_000, rounds: 15, most: 1.5, mostKb: 40 };
const asked = { 'x-api-key': key, prefer: 'wait=30' };
const [own, bare] = ['this service, 2,000 readers', 'bare node:http, 2,000 readers'];

interface Bench {
  readonly database: pg.Client;
  readonly service: Server;
  readonly metricsUrl: string;
}

export async function wait({ url }: Dataset, { node24 }: Toolchain): Promise<readonly Report[]> {
  const program = node24 ?? process.execPath;
  const metricsPort = String(await freePort());
  const contender = serviceOn(own, program);
  const env = { ...contender.env, MAX_CONNECTIONS: '4000', METRICS_PORT: metricsPort };
  const service = await start({ ...contender, env }, { databaseUrl: url, path: '/health/ready' });
  const file = join(root, 'bench/peers/bare-waiters.js');
  const peer = await start(
    { name: bare, program, parameters: [file] },
    { databaseUrl: url, path: '/ready' },
  );
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  const bench = { database, service, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` };
  try {
    return [await fewReaders(bench), await manyReaders(bench, peer)];
  } finally {
    await database.end();
    await service.stop();
    await peer.stop();
    await passed();
  }
}

async function fewReaders(bench: Bench): Promise<Report> {
  const waiters = await openWaiters(bench.service.origin, few.readers);
  await change(bench, waiters, few.readers);
  const values: number[] = [];
  for (let n = 0; n < few.changes; n += 1) {
    values.push(...(await change(bench, waiters, few.readers)).delaysMs);
  }
  waiters.close();
  const p99 = values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? Number.NaN;
  const name = 'this service, 100 readers';
  return {
    title: 'From commit to readers that wait',
    unit: 'ms',
    results: [{ name, unit: 'ms', values, median: medianOf(values) }],
    checks: [{ says: `99 of 100, of ${few.mostMs} ms`, ratio: p99 / few.mostMs, most: 1 }],
    notes: [
      `${few.changes} changes, ${few.readers} readers; 99 of 100 within ${p99.toFixed(1)} ms`,
    ],
  };
}

async function manyReaders(bench: Bench, peer: Server): Promise<Report> {
  const beforeKb = await residentKb(bench.service);
  const waiters = await openWaiters(bench.service.origin, many.readers);
  const peerWaiters = await openWaiters(peer.origin, many.readers);
  const first = await change(bench, waiters, many.readers);
  const kb = (first.residentKb - beforeKb) / many.readers;
  await bareChange(peer, peerWaiters, first.answers);
  const [ownMs, bareMs, queries]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < many.rounds; round += 1) {
    const changed = await change(bench, waiters, many.readers);
    ownMs.push(Math.max(...changed.delaysMs));
    queries.push(changed.queries);
    bareMs.push(await bareChange(peer, peerWaiters, changed.answers));
  }
  waiters.close();
  peerWaiters.close();
  const results = [
    { name: own, unit: 'ms', values: ownMs, median: medianOf(ownMs) },
    { name: bare, unit: 'ms', values: bareMs, median: medianOf(bareMs) },
  ];
  return {
    title: 'From commit to the last of 2,000 readers that wait',
    unit: 'ms',
    results,
    checks: [
      {
        says: 'bare node:http, the same bytes',
        ratio: ratioOf(results, own, bare),
        most: many.most,
      },
      { says: 'queries for equal cursors', ratio: Math.max(...queries), most: 1 },
      { says: `memory of a reader, of ${many.mostKb} KB`, ratio: kb / many.mostKb, most: 1 },
    ],
    notes: [`${kb.toFixed(0)} KB of memory for each reader that waits`],
  };
}

/** Readers of one position, a change once all of them wait, and what it took. */
async function change(bench: Bench, waiters: Waiters, readers: number) {
  const { database, service, metricsUrl } = bench;
  const at = await fetch(
    `${service.origin}/lab_results?limit=1&updated_since=2999-01-01T00:00:00Z`,
    {
      headers: { 'x-api-key': key },
    },
  );
  const cursor = at.headers.get('next-cursor') ?? '';
  const answers = waiters.ask(`/lab_results?limit=100&cursor=${cursor}`, asked);
  while (valueOf(await scrape(metricsUrl), 'hospital_waiting_readers') !== readers) await delay(20);
  // What they cost when they came is over.
  await delay(200);
  const [before, resident] = [await pagesRead(metricsUrl), await residentKb(service)];
  await database.query('begin');
  await database.query(
    `with moved as (
       update record set position = feed_clock()
       where (collection, id) in (select collection, id from record
         where collection = 'lab_results' order by position desc limit 1)
       returning collection, position
     ) update feed set last = moved.position from moved where feed.collection = moved.collection`,
  );
  const committedMs = performance.now();
  await database.query('commit');
  const given = await Promise.all(answers);
  const queries = (await pagesRead(metricsUrl)) - before;
  const delaysMs = given.map(({ atMs }) => atMs - committedMs);
  return { answers: given, delaysMs, queries, residentKb: resident };
}

/** @returns milliseconds until the last reader has its answer */
async function bareChange(
  { origin }: Server,
  waiters: Waiters,
  [sample]: readonly Answer[],
): Promise<number> {
  const { head = '', body = '' } = sample ?? {};
  const lines = head.trimEnd().split('\r\n').slice(1);
  const pairs = lines.map((line) => line.split(/: (.*)/).slice(0, 2));
  const held = waiters.ask('/held', asked);
  while (Number(await (await fetch(`${origin}/waiting`)).text()) !== held.length) await delay(20);
  await delay(200);
  const startedMs = performance.now();
  const sent = JSON.stringify({ headers: Object.fromEntries(pairs) as object, body });
  await fetch(origin, { method: 'POST', body: sent });
  const answers = await Promise.all(held);
  return Math.max(...answers.map(({ atMs }) => atMs)) - startedMs;
}

async function pagesRead(metricsUrl: string): Promise<number> {
  const name = 'db_client_operation_duration_seconds_count';
  const counts = (await scrape(metricsUrl)).filter(
    (sample) =>
      sample.name === name && sample.labels.db_query_summary?.startsWith('page ') === true,
  );
  return counts.reduce((sum, { value }) => sum + value, 0);
}

async function residentKb({ process: { pid } }: Server): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}
