/** How a running and a starting service end, and what becomes of the requests under way. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { keys } from '../support/service.js';
import { type Folder, type Run, makeFolder, settingsFor, urlOf } from './processes.js';

let folder: Folder;
let database: TestDatabase;
let blocker: pg.Client;
let settings: Readonly<Record<string, string>>;
beforeEach(async () => {
  folder = await makeFolder();
  database = await createDatabase();
  settings = await settingsFor(folder, database.url);
  blocker = new pg.Client({ connectionString: database.url });
  await blocker.connect();
});
afterEach(async () => {
  await blocker.end();
  await folder.remove();
  await database.drop();
});

/** Signals while PostgreSQL holds a request back, which it does until `blocker` rolls back. */
async function signalBesideRequest(service: Run, signal: NodeJS.Signals) {
  const url = await urlOf(service);
  await blocker.query('begin; lock table record in access exclusive mode');
  const headers = { 'x-api-key': keys.patients ?? '' };
  const answer = fetch(`${url}/patients?limit=5`, { headers }).then(
    ({ status }) => status,
    () => 'broken',
  );
  await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0);
  service.process.kill(signal);
  await service.line(/"closing"/);
  return { answer };
}

async function waiting(): Promise<number> {
  const [row] = await database.query(
    'select count(*)::int as count from pg_locks join pg_database on oid = database where datname = current_database() and not granted',
  );
  return Number(row?.count);
}

/** Below the 7.5 s after which requests under way are given up anyway. */
const deadlineMs = 7_000;

describe('serve', { timeout: 30_000 }, () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '0 at %s, when the request under way has its answer',
    async (signal) => {
      const service = folder.serve(settings);
      const url = await urlOf(service);
      const { answer } = await signalBesideRequest(service, signal);
      await expect.poll(() => isRefused(url)).toBe(true);
      const startedMs = performance.now();
      await blocker.query('rollback');
      expect([await answer, (await service.ended).status]).toEqual([200, 0]);
      expect(performance.now() - startedMs).toBeLessThan(deadlineMs);
    },
  );

  it('130 at once at a second SIGINT, though a request is under way', async () => {
    const service = folder.serve(settings);
    const { answer } = await signalBesideRequest(service, 'SIGINT');
    await delay(400);
    const startedMs = performance.now();
    service.process.kill('SIGINT');
    expect([(await service.ended).status, await answer]).toEqual([130, 'broken']);
    expect(performance.now() - startedMs).toBeLessThan(deadlineMs);
  });

  it('0 when npm and the terminal both send the SIGINT of one Ctrl-C', async () => {
    const service = folder.serve(settings);
    const { answer } = await signalBesideRequest(service, 'SIGINT');
    service.process.kill('SIGINT');
    await blocker.query('rollback');
    expect([await answer, (await service.ended).status]).toEqual([200, 0]);
  });

  it('0 at SIGTERM during the start, without listening', async () => {
    await blocker.query('begin; lock table migration in access exclusive mode');
    const service = folder.serve(settings);
    await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0);
    service.process.kill('SIGTERM');
    await service.line(/"closing"/);
    await blocker.query('rollback');
    const { status, stdout } = await service.ended;
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/listening|curl/);
  });

  it('goes on when the reader of its output has gone', async () => {
    const service = folder.serve(settings);
    const url = await urlOf(service);
    service.process.stdout?.destroy();
    const statuses: number[] = [];
    for (let request = 0; request < 3; request += 1) {
      statuses.push((await fetch(`${url}/health/live`)).status);
    }
    service.process.kill('SIGTERM');
    expect([statuses, (await service.ended).status]).toEqual([[200, 200, 200], 0]);
  });
});

async function isRefused(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`).then(
    () => false,
    () => true,
  );
}
