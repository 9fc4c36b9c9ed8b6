/**
 * The promise of docs/feed.md under torture: `npm run lab -- torture --seconds 60 [--seed 1] [--without-lock]`
 *
 * 8 writers in 2 processes, 4 followers that are killed and go on, a service killed every five seconds, PostgreSQL
 * crashed half-way, a clock set back at random. Every follower ends with the store's latest state, or the status is 2.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BuiltService, freePort, startBuilt, writeBenchKeys } from './built-service.js';
import { type CrashingDatabase, openCrashing } from './torture/database.js';
import { type Followed, type Way, follow } from './torture/follower.js';
import { randomFrom } from './torture/random.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'without-lock': { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const killEveryMs = 5_000;
const brokenPromise = 2;
const ways: readonly Way[] = ['page', 'since', 'export', 'wait'];

const clockSetBack = `
  create or replace function feed_clock() returns bigint language sql volatile
    return (extract(epoch from clock_timestamp()) * 1000000)::bigint - (random() * 5000000)::bigint`;

const noLock = `
  create or replace function feed_lock(of_collection text) returns bigint language sql volatile
    return (select last from feed where collection = of_collection)`;

const folder = await mkdtemp(join(tmpdir(), 'hospital-torture-'));
await chmod(folder, 0o755);
await writeBenchKeys(folder);
const database = await openCrashing(join(folder, 'postgres'));
try {
  say(`${seconds} s, seed ${seed}${values['without-lock'] ? ', without the lock' : ''}`);
  process.exitCode = await torture(database);
} finally {
  await database.close();
  await rm(folder, { recursive: true, force: true });
}

async function torture(database: CrashingDatabase): Promise<number> {
  const port = await freePort();
  let service = await startBuilt(folder, database.url, port);
  await database.query(clockSetBack);
  if (values['without-lock']) await database.query(noLock);
  const rest = { begun: false };
  const followers = ways.map((way, n) =>
    follow({ url: service.url, way, rest, random: randomFrom(seed + 100 + n) }),
  );
  const writers = [0, 1].map((n) => startWriter(database.url, seed + 10 * n));
  await Promise.all(writers.map(({ ready }) => ready));
  const until = performance.now() + seconds * 1000;
  const crash = delay(seconds * 500).then(() => database.crash());
  let kills = 0;
  while (performance.now() < until) {
    await delay(Math.min(killEveryMs, Math.max(0, until - performance.now())));
    await service.end('SIGKILL');
    kills += 1;
    service = await startAgain(database.url, port);
  }
  await crash;
  const written = await Promise.all(writers.map((writer) => writer.end()));
  rest.begun = true;
  const followed = await Promise.all(followers);
  await service.end('SIGTERM');
  say(`service killed ${kills} times, PostgreSQL crashed once, written ${written.join(' + ')}`);
  return judge(followed, await latest(database), written);
}

function judge(
  followed: readonly Followed[],
  store: ReadonlyMap<unknown, unknown>,
  written: readonly number[],
): number {
  if (written.includes(0)) {
    say('A writer wrote nothing: nothing was shown.');
    return 1;
  }
  let faults = 0;
  for (const [n, { versions, outOfOrder, expired, killed, answers }] of followed.entries()) {
    const stale = [...store].filter(([id, version]) => versions.get(String(id)) !== version).length;
    const unknown = [...versions.keys()].filter((id) => !store.has(id)).length;
    faults += stale + unknown + outOfOrder + expired;
    say(
      `${ways[n] ?? ''}: ${answers} answers, broken off ${killed} times; of ${store.size} records ${stale} stale, ${unknown} unknown to the store; ${outOfOrder} out of order, ${expired} expired cursors`,
    );
  }
  say(faults === 0 ? 'the promise holds' : 'THE PROMISE IS BROKEN');
  return faults === 0 ? 0 : brokenPromise;
}

async function latest(database: CrashingDatabase): Promise<ReadonlyMap<unknown, unknown>> {
  const rows = await database.query('select id, version from record');
  return new Map(rows.map(({ id, version }) => [id, version]));
}

/** While PostgreSQL is away a start fails, as under any supervisor. */
async function startAgain(databaseUrl: string, port: number): Promise<BuiltService> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await startBuilt(folder, databaseUrl, port);
    } catch (error) {
      if (attempt === 20) throw error;
      await delay(200);
    }
  }
}

interface Writer {
  readonly ready: Promise<unknown>;
  /** @returns how many records it wrote */
  end(): Promise<number>;
}

function startWriter(url: string, writerSeed: number): Writer {
  const program = fileURLToPath(new URL('torture/writer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, url, String(writerSeed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const closed = once(child, 'close');
  return {
    ready: Promise.race([once(child.stdout, 'data'), closed]),
    end: async () => {
      child.kill('SIGTERM');
      await closed;
      return Number(/\d+/.exec(text)?.[0] ?? 0);
    },
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
