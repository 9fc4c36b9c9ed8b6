/** A flood of wrong keys: how often Secret Manager is asked, what memory it costs, and what right keys feel of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { maxSteps } from '../src/security/secrets/google-client.js';
import { openEmbedded } from '../src/db/embedded/embedded.js';
import { openConnection } from '../tests/support/raw-connection.js';
import { type SecretManager, startSecretManager } from '../tests/support/secret-manager/server.js';
import { clients, connections, startFlooder } from './wrong-keys-flood.js';

const wrongRequests = Number(process.argv[2] ?? 200_000);
const goodEveryMs = 5;
const rounds = 8;
const quietMs = 4_000;
const refreshSeconds = 60;
const earlySeconds = 5;
const rightKey = 'key-of-the-bench-0123456789';
const path = '/patients?limit=1';
const good = { 'x-api-key': rightKey, 'x-forwarded-for': '192.0.2.1' };
const wanted = { growthMb: 10, p99Ratio: 2 };

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-bench-'));
  // The server runs under another account where the bench runs as root.
  await chmod(folder, 0o755);
  const database = await openEmbedded({ folder: join(folder, 'postgres'), role: 'command' });
  const manager = await startSecretManager();
  manager.secrets.create('projects/p/secrets/patients_api_key');
  manager.secrets.add('projects/p/secrets/patients_api_key', Buffer.from(rightKey));
  const { service, url } = await start(database.url, manager.host);
  try {
    process.exitCode = await measure(manager, service, url);
  } finally {
    service.kill();
    await once(service, 'exit');
    manager.stop();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Quiet and flood take turns, so that both meet the same machine. */
async function measure(manager: SecretManager, service: ChildProcess, url: string) {
  const flooder = await startFlooder(url);
  await Promise.all([askGood(url, 3_000), flooder.flood(20_000)]);
  const memory = await heldMb(service);
  const [asked, began] = [manager.accesses.length, performance.now()];
  const [quiet, busy]: [number[], number[]] = [[], []];
  let floodMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    quiet.push(...(await askGood(url, quietMs)));
    const startedMs = performance.now();
    busy.push(...(await askGood(url, undefined, flooder.flood(wrongRequests / rounds))));
    floodMs += performance.now() - startedMs;
  }
  flooder.end();
  const seconds = (performance.now() - began) / 1000;
  const calls = manager.accesses.length - asked;
  const growth = (await heldMb(service)) - memory;
  const bound =
    (Math.ceil(seconds / earlySeconds) + Math.ceil(seconds / (refreshSeconds * 0.8)) + 1) * 3;
  const ratio = percentile(busy, 0.99) / percentile(quiet, 0.99);
  const line = (text: string) => process.stdout.write(`${text}\n`);
  line(
    `Node ${process.versions.node}, ${wrongRequests} wrong keys of ${clients} clients on ${connections} connections, ${((wrongRequests / floodMs) * 1000).toFixed(0)}/s`,
  );
  line(
    `Secret Manager asked ${calls} times, at most ${bound} wanted (three steps a refresh; ${maxSteps} are the most)`,
  );
  line(`memory grew by ${growth.toFixed(1)} MB, less than ${wanted.growthMb} wanted`);
  line(
    `right keys: ${busy.length} answered, p99 ${percentile(quiet, 0.99).toFixed(1)} ms quiet, ${percentile(busy, 0.99).toFixed(1)} ms beside the flood, ratio ${ratio.toFixed(2)}, at most ${wanted.p99Ratio} wanted`,
  );
  return calls <= bound && growth < wanted.growthMb && ratio <= wanted.p99Ratio ? 0 : 1;
}

async function start(databaseUrl: string, emulator: string) {
  const port = await freePort();
  const service = spawn(
    process.execPath,
    ['--expose-gc', '--import', fileOf('./collector.js'), fileOf('../dist/main.js')],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: databaseUrl,
        PORT: String(port),
        COLLECTIONS: 'patients',
        TRUST_PROXY: '1',
        LOG_LEVEL: 'warn',
        SECRET_MANAGER_PROJECT: 'p',
        SECRET_MANAGER_EMULATOR_HOST: emulator,
        API_KEYS_REFRESH_SECONDS: String(refreshSeconds),
      },
    },
  );
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isUp(url)) return { service, url };
    await delay(100);
  }
  throw new Error('the service did not start; is it built?');
}

function fileOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** How long each request with the right key took, in milliseconds. */
async function askGood(url: string, forMs?: number, until?: Promise<unknown>) {
  const connection = await openConnection(url);
  const times: number[] = [];
  const ending = new AbortController();
  void (until ?? delay(forMs)).then(() => {
    ending.abort();
  });
  while (!ending.signal.aborted) {
    const began = performance.now();
    const { status } = await connection.ask(path, good);
    if (status !== 200) throw new Error(`the right key was answered ${status}`);
    times.push(performance.now() - began);
    await delay(goodEveryMs);
  }
  connection.socket.destroy();
  return times;
}

async function isUp(url: string): Promise<boolean> {
  const connection = await openConnection(url).catch(() => undefined);
  const answer = await connection?.ask(path, good);
  connection?.socket.destroy();
  return answer?.status === 200;
}

/** Memory that the service holds after its garbage is collected. */
async function heldMb(service: ChildProcess): Promise<number> {
  service.send('collect');
  const [bytes] = (await once(service, 'message')) as [number];
  return bytes / 2 ** 20;
}

function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

await main();
