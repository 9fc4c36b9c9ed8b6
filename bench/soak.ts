/**
 * Mixed load for a long time: pages, long polls, exports and writes. Memory at the end stays within a tenth of that at
 * minute 5, and no descriptor or connection is left over. `npm run lab -- soak --minutes 30`
 */
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { readContract } from '../src/contract/contract.js';
import { openEmbedded } from '../src/db/embedded/embedded.js';
import { type Store, openStore } from '../src/store.js';
import { labResult } from '../tests/support/records.js';
import { benchKey, freePort, startBuilt, writeBenchKeys } from './built-service.js';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const minutes = Number(values.minutes);
const settledMinute = Math.min(5, minutes / 2);
const records = 20_000;
const mostGrowth = 1.1;

const nothing = () => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const folder = await mkdtemp(join(tmpdir(), 'hospital-soak-'));
await chmod(folder, 0o755);
const server = await openEmbedded({ folder: join(folder, 'postgres'), role: 'command' });
try {
  process.exitCode = await soak(server.url);
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

interface Sample {
  readonly rssMb: number;
  readonly descriptors: number;
  readonly connections: number;
}

async function soak(databaseUrl: string): Promise<number> {
  await writeBenchKeys(folder);
  const own = new URL(databaseUrl);
  own.searchParams.set('application_name', 'soak');
  const store = await openStore({ url: own.href, contract: readContract(), log: silent });
  await write(store, records, 5_000);
  const service = await startBuilt(folder, databaseUrl, await freePort(), { LOG_LEVEL: 'error' });
  const sample = () => sampleOf(service.process.pid ?? 0, databaseUrl);
  const before = await sample();
  const load = createLoad(service.url, store);
  const samples: (readonly [number, Sample])[] = [];
  const startedMs = performance.now();
  for (let minute = 0; minute < minutes;) {
    await delay(Math.min(60_000, settledMinute * 60_000));
    minute = (performance.now() - startedMs) / 60_000;
    const taken = await sample();
    samples.push([minute, taken]);
    console.log(`minute ${minute.toFixed(1)}  ${rowOf(taken)}  ${load.report()}`);
  }
  await load.end();
  const after = await settled(sample, before);
  await service.end('SIGTERM');
  await store.close();
  return verdict({ before, after, samples });
}

function rowOf({ rssMb, descriptors, connections }: Sample): string {
  return `${rssMb.toFixed(0)} MB, ${descriptors} descriptors, ${connections} connections`;
}

function verdict(found: {
  readonly before: Sample;
  readonly after: Sample;
  readonly samples: readonly (readonly [number, Sample])[];
}): number {
  const { before, after, samples } = found;
  const early = samples.find(([minute]) => minute >= settledMinute)?.[1];
  const last = samples.at(-1)?.[1];
  const growth = (last?.rssMb ?? Infinity) / (early?.rssMb ?? 1);
  const left = {
    descriptors: after.descriptors - before.descriptors,
    connections: after.connections - before.connections,
  };
  console.log(`before  ${rowOf(before)}`);
  console.log(`after   ${rowOf(after)}`);
  console.log(
    `memory ${growth.toFixed(2)} × that at minute ${settledMinute}, at most ${mostGrowth} wanted`,
  );
  console.log(`left over: ${left.descriptors} descriptors, ${left.connections} connections`);
  return growth <= mostGrowth && left.descriptors <= 0 && left.connections <= 0 ? 0 : 1;
}

/** Idle connections to PostgreSQL are closed after ten seconds; the one that listens stays. */
async function settled(sample: () => Promise<Sample>, before: Sample): Promise<Sample> {
  for (let waits = 0; ; waits += 1) {
    const { rssMb, descriptors, connections } = await sample();
    const own = { rssMb, descriptors: descriptors - 1, connections: connections - 1 };
    const isDone = own.descriptors <= before.descriptors && own.connections <= before.connections;
    if (isDone || waits === 30) return own;
    await delay(1_000);
  }
}

function createLoad(url: string, store: Store) {
  const done = { pages: 0, polls: 0, exports: 0, writes: 0 };
  const failures: Record<string, number> = {};
  const agent = new Agent({ keepAlive: true });
  let running = true;
  const loop = async (pauseMs: number, work: () => Promise<void>) => {
    while (running) {
      await work().catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        failures[reason] = (failures[reason] ?? 0) + 1;
      });
      await delay(Math.random() * 2 * pauseMs);
    }
  };
  const ask = (path: string, headers = {}) =>
    fetchOnce(`${url}/lab_results${path}`, headers, agent);
  let cursor = '';
  const page = async () => {
    const { next } = await ask(`?limit=500${cursor}`);
    cursor = next === undefined ? '' : `&cursor=${next}`;
    if (Math.random() < 0.05) cursor = '';
    done.pages += 1;
  };
  const poll = async () => {
    const { next = '' } = await ask(`?limit=1&updated_since=${new Date().toISOString()}`);
    // Some leave in the middle of their wait.
    const leaveMs = Math.random() < 0.3 ? Math.random() * 3_000 : undefined;
    await fetchOnce(`${url}/lab_results?cursor=${next}`, { prefer: 'wait=10' }, agent, leaveMs);
    done.polls += 1;
  };
  const loops = [
    ...Array.from({ length: 3 }, () => loop(50, page)),
    ...Array.from({ length: 40 }, () => loop(100, poll)),
    loop(4_000, async () => {
      await ask('', { accept: 'application/x-ndjson' });
      done.exports += 1;
    }),
    loop(1_000, async () => {
      await write(store, 20, 20);
      done.writes += 1;
    }),
  ];
  return {
    report: () => JSON.stringify({ ...done, failures }),
    end: async () => {
      running = false;
      await Promise.all(loops);
      agent.destroy();
    },
  };
}

async function fetchOnce(url: string, headers: object, agent: Agent, leaveMs?: number) {
  return new Promise<{ next?: string | undefined }>((resolve, reject) => {
    const sent = { 'x-api-key': benchKey, ...headers };
    const request = get(url, { agent, headers: sent }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode ?? 0}`));
        const next = response.headers['next-cursor'];
        resolve({ next: typeof next === 'string' ? next : undefined });
      });
    });
    request.on('error', (error) => {
      if (leaveMs === undefined) reject(error);
      else resolve({});
    });
    if (leaveMs !== undefined) setTimeout(() => request.destroy(), leaveMs);
  });
}

async function write(store: Store, count: number, batch: number): Promise<void> {
  const load = await store.startLoad({ source: 'ehr', files: [] });
  for (let from = 0; from < count; from += batch) {
    const ids = Array.from({ length: batch }, (_, index) => String((from + index) % records));
    const value = () => ({ value_number: Math.random() });
    const all = ids.map((id) => labResult(id, value()));
    await store.inBatch('lab_results', load, (changes) => changes.write(all));
  }
}

async function sampleOf(pid: number, databaseUrl: string): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where application_name like 'hospital-streaming-api%'`,
  );
  await client.end();
  return {
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
    connections: rows[0]?.count ?? 0,
  };
}
