/** A flood of wrong keys: how often Secret Manager is asked, what memory it costs, and what right keys feel of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { maxSteps } from '../src/security/version-search.js';
import { openEmbedded } from '../src/store/embedded/embedded.js';
import { type SecretManager, startSecretManager } from '../tests/support/secret-manager/server.js';

const wrongRequests = Number(process.argv[2] ?? 200_000);
const perSecond = 2_000;
const goodEveryMs = 5;
const quietMs = 15_000;
const clients = 200;
const refreshSeconds = 60;
const earlySeconds = 5;
const rightKey = 'key-of-the-bench-0123456789';
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

async function measure(manager: SecretManager, service: ChildProcess, url: string) {
  const warm = child(url, 20_000);
  await Promise.all([askGood(url, 3_000), once(warm, 'exit')]);
  const quiet = await askGood(url, quietMs);
  const [memory, asked, began] = [
    await heldMb(service),
    manager.accesses.length,
    performance.now(),
  ];
  const flooding = child(url, wrongRequests);
  const ended = once(flooding, 'exit');
  const busy = await askGood(url, undefined, ended);
  const seconds = (performance.now() - began) / 1000;
  const calls = manager.accesses.length - asked;
  const growth = (await heldMb(service)) - memory;
  const bound =
    (Math.ceil(seconds / earlySeconds) + Math.ceil(seconds / (refreshSeconds * 0.8)) + 1) * 3;
  const ratio = percentile(busy, 0.99) / percentile(quiet, 0.99);
  const line = (text: string) => process.stdout.write(`${text}\n`);
  line(
    `Node ${process.versions.node}, ${wrongRequests} wrong keys of ${clients} clients in ${seconds.toFixed(0)} s`,
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

/** Runs in the service: collects garbage when told to, and answers what is left. */
const collector = `process.on('message', () => {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send(heapUsed + external);
});`;

async function start(databaseUrl: string, emulator: string) {
  const port = await freePort();
  const service = spawn(
    process.execPath,
    [
      '--expose-gc',
      '--import',
      `data:text/javascript,${encodeURIComponent(collector)}`,
      fileURLToPath(new URL('../dist/main.js', import.meta.url)),
    ],
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
    if ((await ask(url, rightKey).catch(() => undefined)) === 200) return { service, url };
    await delay(100);
  }
  throw new Error('the service did not start; is it built?');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function child(url: string, count: number): ChildProcess {
  const file = fileURLToPath(import.meta.url);
  return spawn(process.execPath, [...process.execArgv, file, String(count), url], {
    stdio: 'inherit',
  });
}

/** Wrong keys at an even rate, each from one of many addresses. */
async function flood(url: string, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const started = performance.now();
  const open = new Set<Promise<unknown>>();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.ceil(((performance.now() - started) / 1000) * perSecond));
    for (; sent < due; sent += 1) {
      const key = `wrong-${sent}-0123456789abcdef`;
      const asked = ask(url, key, agent, `198.51.100.${sent % clients}`);
      open.add(asked);
      void asked.then((status) => {
        open.delete(asked);
        if (status !== 401 && status !== 429) throw new Error(`a wrong key was answered ${status}`);
      });
    }
    await delay(2);
  }
  await Promise.all(open);
  agent.destroy();
}

/** How long each request with the right key took, in milliseconds. */
async function askGood(url: string, forMs?: number, until?: Promise<unknown>) {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  const ending = new AbortController();
  void (until ?? delay(forMs)).then(() => {
    ending.abort();
  });
  while (!ending.signal.aborted) {
    const began = performance.now();
    const status = await ask(url, rightKey, agent);
    if (status !== 200) throw new Error(`the right key was answered ${status}`);
    times.push(performance.now() - began);
    await delay(goodEveryMs);
  }
  agent.destroy();
  return times;
}

function ask(url: string, key: string, agent?: Agent, client = '192.0.2.1'): Promise<number> {
  const headers = { 'x-api-key': key, 'x-forwarded-for': client };
  return new Promise((resolve, reject) => {
    const sent = get(`${url}/patients?limit=1`, { headers, ...(agent && { agent }) }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        resolve(answer.statusCode ?? 0);
      });
    });
    sent.on('error', reject);
  });
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

if (process.argv[3] === undefined) await main();
else await flood(process.argv[3], wrongRequests);
