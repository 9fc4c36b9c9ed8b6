/**
 * Ten times what the service can carry: `npm run lab -- bench:overload --seconds 60 [--in-flight 32] [--times 10]`
 *
 * Latencies are by the service's clock. Quiet, flood and the time after take place in one run, on one machine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openEmbedded } from '../src/db/embedded/embedded.js';
import { openConnection } from '../tests/support/raw-connection.js';
import { benchKey, fillPatients, freePort, writeBenchKeys } from './built-service.js';
import { startGenerator } from './overload/generator.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    times: { type: 'string', default: '10' },
    'in-flight': { type: 'string', default: '' },
    node: { type: 'string', default: process.execPath },
  },
});
const seconds = Number(values.seconds);
const quietSeconds = 8;
const connections = 600;
const path = '/patients?limit=50';
const wanted = { p99Ratio: 3, refusedWithinMs: 50, normalWithinMs: 2_000 };
interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Told {
  readonly accepted: Times;
  readonly refused: Times;
  readonly other: Times;
  readonly rss: number;
}

const folder = await mkdtemp(join(tmpdir(), 'hospital-overload-'));
// The server runs under another account where the bench runs as root.
await chmod(folder, 0o755);
await writeBenchKeys(folder);
const database = await openEmbedded({ folder: join(folder, 'postgres'), role: 'command' });
const { service, url } = await start();
try {
  process.exitCode = (await measure()) ? 0 : 1;
} finally {
  service.kill();
  if (service.exitCode === null) await once(service, 'exit');
  await database.close();
  await rm(folder, { recursive: true, force: true });
}

async function start(): Promise<{ service: ChildProcess; url: string }> {
  await fillPatients(database.url, 2_000);
  const port = await freePort();
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(
    values.node,
    ['--import', here('overload/clock.js'), here('../dist/main.js')],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...{ PATH: process.env.PATH, DATABASE_URL: database.url, API_KEYS_DIR: folder },
        ...{ PORT: String(port), LOG_LEVEL: 'error', RESPONSE_CHECK: 'off' },
        ...(values['in-flight'] !== '' && { MAX_IN_FLIGHT: values['in-flight'] }),
      },
    },
  );
  const at = `http://127.0.0.1:${port}`;
  while ((await statusOf(at, '/health/live')) !== 200) await delay(50);
  return { service: child, url: at };
}

async function statusOf(at: string, of: string): Promise<number> {
  const connection = await openConnection(at).catch(() => undefined);
  const answer = await connection?.ask(of, { 'x-api-key': benchKey });
  connection?.socket.destroy();
  return answer?.status ?? 0;
}

async function told(): Promise<Told> {
  service.send('tell');
  // Of clock.js.
  return ((await once(service, 'message')) as [Told])[0];
}

async function measure(): Promise<boolean> {
  const generator = await startGenerator({ url, path, key: benchKey, connections });
  const capacity = await carried();
  await generator.flood({ perSecond: capacity / 5, seconds: 2 });
  await told();
  await generator.flood({ perSecond: capacity / 5, seconds: quietSeconds });
  const before = await told();
  const health = watchHealth();
  const flooded = await generator.flood({ perSecond: capacity * Number(values.times), seconds });
  const endedMs = performance.now();
  const during = await told();
  const normalMs = await untilNormal(endedMs);
  const { asked, failed, slowestMs } = await health.end();
  generator.end();
  const ratio = during.accepted.p99 / before.accepted.p99;
  say(
    `Node ${process.versions.node}, MAX_IN_FLIGHT ${values['in-flight'] || 'as it is'}: carries ${capacity.toFixed(0)}/s on 16 connections`,
  );
  say(`quiet, a fifth of it: ${line(before.accepted)}`);
  say(
    `flood of ${(capacity * Number(values.times)).toFixed(0)}/s for ${seconds} s: ${flooded.sent} sent, ${flooded.held} held back by ${connections} busy connections, ${flooded.cut} cut`,
  );
  say(
    `accepted: ${line(during.accepted)}, ${(during.accepted.count / seconds).toFixed(0)}/s; ratio of p99 ${ratio.toFixed(2)}, at most ${wanted.p99Ratio} wanted`,
  );
  say(
    `refused: ${line(during.refused)}, within ${wanted.refusedWithinMs} ms wanted; other statuses: ${during.other.count}`,
  );
  say(
    `health live: ${asked} asked, ${failed} failed, slowest ${slowestMs.toFixed(0)} ms; normal after ${normalMs.toFixed(0)} ms; ${(during.rss / 2 ** 20).toFixed(0)} MB`,
  );
  return (
    ratio <= wanted.p99Ratio &&
    during.refused.max <= wanted.refusedWithinMs &&
    during.other.count + failed + flooded.cut === 0 &&
    normalMs <= wanted.normalWithinMs &&
    service.exitCode === null
  );
}

/** Pages a second that clients who wait for each answer get. */
async function carried(): Promise<number> {
  const untilMs = performance.now() + 5_000;
  let pages = 0;
  const client = async () => {
    const connection = await openConnection(url);
    while (performance.now() < untilMs) {
      await connection.ask(path, { 'x-api-key': benchKey });
      pages += 1;
    }
    connection.socket.destroy();
  };
  await Promise.all(Array.from({ length: 16 }, client));
  return pages / 5;
}

function watchHealth() {
  const ending = new AbortController();
  let [asked, failed, slowestMs] = [0, 0, 0];
  const going = (async () => {
    while (!ending.signal.aborted) {
      const began = performance.now();
      const status = await statusOf(url, '/health/live');
      slowestMs = Math.max(slowestMs, performance.now() - began);
      asked += 1;
      if (status !== 200) failed += 1;
      await delay(200);
    }
  })();
  return {
    end: async () => {
      ending.abort();
      await going;
      return { asked, failed, slowestMs };
    },
  };
}

/** Ten answers in a row. */
async function untilNormal(sinceMs: number): Promise<number> {
  for (let good = 0; good < 10;) {
    good = (await statusOf(url, path)) === 200 ? good + 1 : 0;
    if (performance.now() - sinceMs > 30_000) break;
  }
  return performance.now() - sinceMs;
}

function line({ count, p50, p99, max }: Times): string {
  return `${count} answers, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, slowest ${max.toFixed(1)} ms`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
