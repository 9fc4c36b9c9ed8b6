/** From spawn to the first 200, the built service beside a bare Fastify and pg service, or an earlier state of itself. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { demoResources } from '../src/ingest/demo-data.js';
import { openEmbedded } from '../src/db/embedded/embedded.js';
import { buildEarlier } from './earlier.js';
import { root } from './folder.js';

const memoryOfPeer = 1.5;
const key = 'key-of-the-bench-0123456789';
const pollMs = 2;
const giveUpMs = 20_000;
const settleMs = 1_000;

interface Contender {
  readonly name: string;
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  readonly samples: Sample[];
}

interface Sample {
  readonly startMs: number;
  /** Resident memory a moment after the first answer. */
  readonly idleMb: number;
}

const { against } = parseArgs({ options: { against: { type: 'string' } } }).values;
/** Beside a bare peer, or beside an earlier state of the service. */
const rounds = against === undefined ? 10 : 20;
const mostOfOther = against === undefined ? 1.7 : 1.1;
const folder = await mkdtemp(join(tmpdir(), 'hospital-bench-'));
// The server runs under another account where the bench runs as root.
await chmod(folder, 0o755);
const server = await openEmbedded({ folder: join(folder, 'postgres'), role: 'command' });
try {
  process.exitCode = await bench(server.url);
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

async function bench(databaseUrl: string): Promise<number> {
  const own = await contender('service', root, databaseUrl);
  const other = against === undefined ? peerOf(own) : await earlier(against, databaseUrl);
  const both = [own, other];
  for (const each of both) await measure(each);
  for (let round = 0; round < rounds; round += 1) {
    for (const each of both) each.samples.push(await measure(each));
  }
  const ratio = medianOf(own.samples) / medianOf(other.samples);
  console.log(`Node ${process.versions.node}, spawn to first 200, ${rounds} starts each`);
  for (const { name, samples } of both) console.log(rowOf(name, samples));
  console.log(`start ${ratio.toFixed(2)} ×, at most ${mostOfOther} wanted`);
  const memory = memoryOf(own.samples) / memoryOf(other.samples);
  if (against !== undefined) return ratio > mostOfOther ? 1 : 0;
  console.log(`idle memory ${memory.toFixed(2)} ×, at most ${memoryOfPeer} wanted`);
  return ratio > mostOfOther || memory > memoryOfPeer ? 1 : 0;
}

/** On the same database. */
function peerOf({ env }: Contender): Contender {
  const program = join(root, 'bench/peers/fastify-pg.js');
  return { name: 'fastify + pg', program, env, samples: [] };
}

/** On a database of its own, because the two states may know different migrations. */
async function earlier(ref: string, databaseUrl: string): Promise<Contender> {
  const place = await buildEarlier(ref);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create database earlier');
  await client.end();
  const url = new URL(databaseUrl);
  url.pathname = '/earlier';
  return contender(ref, place, url.href);
}

/** Keys, and the demonstration set in the database. */
async function contender(name: string, place: string, databaseUrl: string): Promise<Contender> {
  for (const secret of ['patients_api_key', 'appointments_api_key', 'lab_results_api_key']) {
    await writeFile(join(folder, secret), key);
  }
  const file = join(folder, 'demo.ndjson');
  const lines = [...demoResources()].map((resource) => `${JSON.stringify(resource)}\n`);
  await writeFile(file, lines.join(''));
  const { PATH } = process.env;
  const env = { PATH, DATABASE_URL: databaseUrl, API_KEYS_DIR: folder };
  const program = join(place, 'dist/commands/hospital-api.js');
  const load = spawnSync(process.execPath, [program, 'import', file], { cwd: folder, env });
  if (load.status !== 0) throw new Error(`the import failed: ${load.stderr.toString()}`);
  return { name, program: join(place, 'dist/main.js'), env, samples: [] };
}

async function measure({ name, program, env }: Contender): Promise<Sample> {
  const port = await freePort();
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    while ((await statusOf(port)) !== 200) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
      if (performance.now() - startedAtMs > giveUpMs) throw new Error(`${name} does not answer`);
      await delay(pollMs);
    }
    const startMs = performance.now() - startedAtMs;
    await delay(settleMs);
    return { startMs, idleMb: residentMb(child) };
  } finally {
    await end(child);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  // A server that listens on a TCP port has an address of this form.
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Nothing while the port is closed. */
function statusOf(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const options = { agent: false, headers: { 'x-api-key': key } };
    get(`http://127.0.0.1:${port}/patients?limit=5`, options, (response) => {
      response.resume();
      response.on('end', () => {
        resolve(response.statusCode);
      });
    }).on('error', () => {
      resolve(undefined);
    });
  });
}

function residentMb({ pid }: ChildProcess): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.toString()) / 1024;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function medianOf(samples: readonly Sample[]): number {
  return middle(samples.map(({ startMs }) => startMs));
}

function memoryOf(samples: readonly Sample[]): number {
  return middle(samples.map(({ idleMb }) => idleMb));
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
  return (low + high) / 2;
}

function rowOf(name: string, samples: readonly Sample[]): string {
  const times = samples.map(({ startMs }) => startMs);
  const spread = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`;
  const memory = memoryOf(samples).toFixed(0);
  return `${name.padEnd(14)} median ${medianOf(samples).toFixed(0)} ms (${spread}), idle ${memory} MB`;
}
