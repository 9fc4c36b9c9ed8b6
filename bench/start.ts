/** From spawn to the first 200, the built service beside a bare Fastify and pg service with the same route. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { demoResources } from '../src/import/demo-data.js';
import { openEmbedded } from '../src/store/embedded/embedded.js';

const rounds = 10;
const mostOfPeer = { start: 1.7, memory: 1.5 };
const key = 'key-of-the-bench-0123456789';
const pollMs = 2;
const giveUpMs = 20_000;
const settleMs = 1_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = {
  service: join(root, 'dist/main.js'),
  'fastify + pg': join(root, 'bench/peers/fastify-pg.js'),
} as const;

type Name = keyof typeof programs;

interface Sample {
  readonly startMs: number;
  /** Resident memory a moment after the first answer. */
  readonly idleMb: number;
}

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
  const env = await prepare(databaseUrl);
  const samples = { service: [] as Sample[], 'fastify + pg': [] as Sample[] };
  const names = Object.keys(programs) as Name[];
  for (const name of names) await measure(name, env);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) samples[name].push(await measure(name, env));
  }
  const ratio = medianOf(samples.service) / medianOf(samples['fastify + pg']);
  console.log(`Node ${process.versions.node}, spawn to first 200, ${rounds} starts each`);
  for (const name of names) console.log(rowOf(name, samples[name]));
  const memory = memoryOf(samples.service) / memoryOf(samples['fastify + pg']);
  console.log(`start ${ratio.toFixed(2)} ×, at most ${mostOfPeer.start} wanted`);
  console.log(`idle memory ${memory.toFixed(2)} ×, at most ${mostOfPeer.memory} wanted`);
  return ratio > mostOfPeer.start || memory > mostOfPeer.memory ? 1 : 0;
}

/** Keys, and the demonstration set in the database. */
async function prepare(databaseUrl: string): Promise<NodeJS.ProcessEnv> {
  for (const secret of ['patients_api_key', 'appointments_api_key', 'lab_results_api_key']) {
    await writeFile(join(folder, secret), key);
  }
  const file = join(folder, 'demo.ndjson');
  const lines = [...demoResources()].map((resource) => `${JSON.stringify(resource)}\n`);
  await writeFile(file, lines.join(''));
  const { PATH } = process.env;
  const env = { PATH, DATABASE_URL: databaseUrl, API_KEYS_DIR: folder };
  const program = join(root, 'dist/commands/hospital-api.js');
  const load = spawnSync(process.execPath, [program, 'import', file], { cwd: folder, env });
  if (load.status !== 0) throw new Error(`the import failed: ${load.stderr.toString()}`);
  return env;
}

async function measure(name: Name, env: NodeJS.ProcessEnv): Promise<Sample> {
  const port = await freePort();
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [programs[name]], {
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
