/**
 * What somebody without a key can do: `npm run lab -- attack [--seconds 30] [--only flood]`
 *
 * Each form of request that costs something before the key is asked for is sent for a second, and the service's processor time for one is
 * counted. The dearest then floods the service on 100 connections, beside a client with a key and one that asks for health. At last 50,000
 * malformed requests are sent, and the audit is tampered with in 500 ways.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openEmbedded } from '../src/db/embedded/embedded.js';
import { headsWithoutKey } from '../tests/support/heads-without-key.js';
import { openConnection } from '../tests/support/raw-connection.js';
import { type Answers, connections, startFlooder } from './attack-flood.js';
import { benchKey, fillPatients, freePort, startBuilt, writeBenchKeys } from './built-service.js';
import { root } from './folder.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, only: { type: 'string' } },
});
const seconds = Number(values.seconds);
const headBytes = 15_000;
const pauseMs = 5;
const wanted = { p99Ratio: 3, healthMs: 100 };

interface Watched {
  readonly timesMs: readonly number[];
  readonly failed: number;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-attack-'));
  // The server runs under another account where the bench runs as root.
  await chmod(folder, 0o755);
  await writeBenchKeys(folder);
  const database = await openEmbedded({ folder: join(folder, 'postgres'), role: 'command' });
  await fillPatients(database.url, 2_000);
  const service = await startBuilt(folder, database.url, await freePort());
  try {
    const isCalm = await measure(service.url, service.process.pid ?? 0);
    const isWhole = values.only === 'flood' || hasPassed();
    process.exitCode = isCalm && isWhole ? 0 : 1;
  } finally {
    await service.end('SIGTERM');
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(url: string, pid: number): Promise<boolean> {
  const flooder = await startFlooder(url);
  const quietMs = 1000 * Math.min(seconds, 10);
  await watch(url, delay(quietMs / 5));
  const before = await watch(url, delay(quietMs));
  const head = await dearest(flooder, pid);
  const flooding = flooder.flood({ head, seconds });
  const during = await watch(url, flooding);
  const answers = await flooding;
  flooder.end();
  const ratio = percentile(during.good.timesMs, 0.99) / percentile(before.good.timesMs, 0.99);
  const healthMs = percentile(during.health.timesMs, 0.5);
  const failed = during.good.failed + during.health.failed;
  say(`flood on ${connections} connections for ${seconds} s: ${listed(answers)}`);
  say(`client with a key, quiet: ${line(before.good)}`);
  say(`client with a key, beside the flood: ${line(during.good)}`);
  say(`ratio of p99 ${ratio.toFixed(2)}, at most ${wanted.p99Ratio} wanted; ${failed} lost`);
  say(`/health/live beside the flood: ${line(during.health)}; p50 at most ${wanted.healthMs} ms`);
  return ratio <= wanted.p99Ratio && healthMs <= wanted.healthMs && failed === 0;
}

/** Prints what each form costs. @returns the head that costs most */
async function dearest(
  { flood }: Awaited<ReturnType<typeof startFlooder>>,
  pid: number,
): Promise<string> {
  const costs: { readonly head: string; readonly ms: number }[] = [];
  for (const [form, headOf] of Object.entries(headsWithoutKey)) {
    const head = headOf(headBytes);
    const before = processorMs(pid);
    const answers = await flood({ head, seconds: Math.min(seconds / 10, 1) });
    const count = Object.values(answers).reduce((sum, times) => sum + times, 0);
    const ms = (processorMs(pid) - before) / count;
    say(`${form.padEnd(36)} ${ms.toFixed(3).padStart(7)} ms of processor time: ${listed(answers)}`);
    costs.push({ head, ms });
  }
  return costs.sort((one, other) => other.ms - one.ms)[0]?.head ?? '';
}

/** @see proc(5), fields 14 and 15 of stat, in hundredths of a second */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** A client that reads, and one that asks for health, each one request at a time. */
async function watch(url: string, until: Promise<unknown>) {
  const ending = new AbortController();
  void until.then(() => {
    ending.abort();
  });
  const asking = (path: string) => askUntil(url, path, ending.signal);
  const [good, health] = await Promise.all([asking('/patients?limit=50'), asking('/health/live')]);
  return { good, health };
}

async function askUntil(url: string, path: string, ended: AbortSignal): Promise<Watched> {
  const connection = await openConnection(url);
  const timesMs: number[] = [];
  let failed = 0;
  while (!ended.aborted) {
    const beganMs = performance.now();
    const { status, whole } = await connection.ask(path, { 'x-api-key': benchKey });
    timesMs.push(performance.now() - beganMs);
    if (status !== 200 || !whole) failed += 1;
    await delay(pauseMs);
  }
  connection.socket.destroy();
  return { timesMs, failed };
}

function hasPassed(): boolean {
  const files = ['tests/http/malformed.process.test.ts', 'tests/audit/tampered.test.ts'];
  const env = { ...process.env, MALFORMED: '50000', TAMPERINGS: '500' };
  const { status } = spawnSync('npx', ['vitest', 'run', ...files], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  return status === 0;
}

function line({ timesMs, failed }: Watched): string {
  const [p50, p99] = [percentile(timesMs, 0.5), percentile(timesMs, 0.99)];
  return `${timesMs.length} answers, ${failed} not 200, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}

function listed(answers: Answers): string {
  return Object.entries(answers)
    .map(([status, times]) => `${status} ${times} times`)
    .join(', ');
}

function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
