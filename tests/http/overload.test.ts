/** More than the service can carry: what is refused, what is answered all the same, and that it passes. */
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { openConnection } from '../support/raw-connection.js';
import { type TestService, keys, startService, transport } from '../support/service.js';

let service: TestService | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

const start = async (changes: Partial<typeof transport>) =>
  (service = await startService({ config: { transport: { ...transport, ...changes } } }));
const ask = { key: 'patients' } as const;
/** What is asked while the store stands still may wait a second before it is refused. */
const soon = { timeout: 10_000 };

describe('MAX_IN_FLIGHT', () => {
  it('503 at once beyond it, health live, what waits for news uncounted, 200 again after', async () => {
    const running = await start({ maxInFlight: 2 });
    const waits = [1, 2, 3].map(() =>
      running.fetch('/patients', { ...ask, headers: { prefer: 'wait=1' } }),
    );
    expect((await running.fetch('/patients', ask)).status).toBe(200);
    const blocker = new pg.Client({ connectionString: running.database.url });
    await blocker.connect();
    await blocker.query('begin; lock table record in access exclusive mode');
    const held = [running.fetch('/patients', ask), running.fetch('/patients/ehr:P:1', ask)];
    await expect
      .poll(async () => (await running.fetch('/patients/ehr:P:2', ask)).status, soon)
      .toBe(503);
    const refused = await running.fetch('/lab_results', { key: 'lab_results' });
    expect([refused.status, refused.headers.get('retry-after'), refused.body]).toMatchObject([
      503,
      '1',
      { type: '/docs#section/Errors/overloaded' },
    ]);
    expect((await running.fetch('/health/live')).status).toBe(200);
    await blocker.query('rollback');
    await blocker.end();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 404]);
    expect((await Promise.all(waits)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await running.fetch('/patients', ask)).status).toBe(200);
    const lines = running.logLines();
    expect(lines).toContainEqual(
      expect.objectContaining({ severity: 'WARNING', refusal: 'overloaded' }),
    );
    expect(JSON.stringify(lines)).not.toMatch(/"ERROR"|stack_trace/);
  });

  it('200 to a few more at a time, also where the store pauses', async () => {
    const running = await start({ maxInFlight: 2 });
    const blocker = new pg.Client({ connectionString: running.database.url });
    await blocker.connect();
    await blocker.query('begin; lock table record in access exclusive mode');
    const asked = Array.from({ length: 16 }, () => running.fetch('/patients', ask));
    const held = () =>
      running.database.query(
        `select pid from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
    await expect.poll(held, soon).not.toEqual([]);
    await blocker.query('rollback');
    await blocker.end();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('503 to each request of a connection while there is no room, and 200 on it once there is', async () => {
    const running = await start({ maxInFlight: 1 });
    const blocker = new pg.Client({ connectionString: running.database.url });
    await blocker.connect();
    await blocker.query('begin; lock table record in access exclusive mode');
    const held = running.fetch('/patients', ask);
    await expect.poll(async () => (await running.fetch('/patients', ask)).status, soon).toBe(503);
    const connections = await Promise.all(
      Array.from({ length: 12 }, () => openConnection(running.url)),
    );
    const askEach = () =>
      Promise.all(
        connections.map(async (each) => {
          const { status } = await each.ask('/patients', { 'x-api-key': keys.patients ?? '' });
          return status;
        }),
      );
    // More than are read at once: the later ones are held back, and read again.
    const refused = [...(await askEach()), ...(await askEach()), ...(await askEach())];
    expect(new Set(refused)).toEqual(new Set([503]));
    await blocker.query('rollback');
    await blocker.end();
    expect((await held).status).toBe(200);
    await expect.poll(async () => new Set(await askEach()), { timeout: 10_000 }).toContain(200);
    for (const { socket } of connections) socket.destroy();
  });

  it('503 while the event loop is late again and again, 200 after it and after a single pause', async () => {
    const running = await start({ maxEventLoopDelayMs: 50 });
    const connection = await openConnection(running.url);
    const statusOf = async () =>
      (await connection.ask('/patients', { 'x-api-key': keys.patients ?? '' })).status;
    const paused = statusOf();
    block(400);
    expect(await paused).toBe(200);
    const blocking = setInterval(block, 1, 150);
    await expect.poll(statusOf, soon).toBe(503);
    clearInterval(blocking);
    await expect.poll(statusOf, soon).toBe(200);
    connection.socket.destroy();
  });
});

function block(milliseconds: number): void {
  const untilMs = performance.now() + milliseconds;
  while (performance.now() < untilMs);
}

describe('RATE_LIMIT', () => {
  it('429 past the consumer’s limit, which every answer tells, and no other collection’s', async () => {
    const running = await start({ rateLimit: { requests: 2, seconds: 60 } });
    const answers = [];
    for (let sent = 0; sent < 3; sent += 1) answers.push(await running.fetch('/patients', ask));
    expect(
      answers.map(({ status, headers }) => [status, headers.get('ratelimit')?.slice(0, 14)]),
    ).toEqual([
      [200, '"consumer";r=1'],
      [200, '"consumer";r=0'],
      [429, '"consumer";r=0'],
    ]);
    const [, , refused] = answers;
    expect(refused?.headers.get('ratelimit-policy')).toBe('"consumer";q=2;w=60');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(refused?.body).toMatchObject({ type: '/docs#section/Errors/rate-limited' });
    expect((await running.fetch('/lab_results', { key: 'lab_results' })).status).toBe(200);
    expect((await running.fetch('/patients', { key: 'wrong-0123456789' })).status).toBe(401);
  });

  it('takes the contract’s x-rate-limit', async () => {
    const running = await start({ rateLimit: 'contract' });
    const { headers } = await running.fetch('/patients', ask);
    expect(headers.get('ratelimit-policy')).toBe('"consumer";q=600;w=10');
  });
});

describe('a body', () => {
  it.each([{ 'content-length': '65537' }, { 'transfer-encoding': 'chunked' }])(
    '413 and the end of the connection for %o',
    async (headers) => {
      const running = await start({});
      const connection = await openConnection(running.url);
      const answer = await connection.ask('/health/live', headers);
      expect([answer.status, /\r\nconnection: close/i.test(answer.head)]).toEqual([413, true]);
      connection.socket.destroy();
    },
  );
});
