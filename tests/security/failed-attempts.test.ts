/** Wrong keys: counted by client and scheme, refused with 429 past a limit, and never in the way of a right one. */
import { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createErrorAggregator } from '../../src/http/limits/error-aggregator.js';
import { createUnauthenticatedPace } from '../../src/http/limits/unauthenticated-pace.js';
import { createFailedAttempts } from '../../src/security/authenticate.js';
import { createLog } from '../../src/log.js';
import { linesOf } from '../support/log-lines.js';
import { type GoogleService, startGoogleService } from '../support/google-keys.js';
import { keys, transport } from '../support/service.js';

const right = keys.patients ?? '';
let service: GoogleService | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

const behindProxy = { config: { transport: { ...transport, trustProxy: 1 } } };
const from = (address: string) => ({ 'x-forwarded-for': address });

async function sendWrong(running: GoogleService, count: number, address = '198.51.100.1') {
  const statuses: number[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const ask = { key: `wrong-${sent}-0123456789`, headers: from(address) };
    statuses.push((await running.fetch('/patients', ask)).status);
  }
  return statuses;
}

describe('a client that sends wrong keys', () => {
  it('429 with Retry-After past sixty in a minute, 401 again after it', async () => {
    let nowMs = Date.parse('2026-03-01T00:00:00Z');
    const running = (service = await startGoogleService({ ...behindProxy, now: () => nowMs }));
    const statuses = await sendWrong(running, 62);
    expect(statuses).toEqual([...Array<number>(60).fill(401), 429, 429]);
    const ask = { key: 'wrong-0123456789', headers: from('198.51.100.1') };
    const refused = await running.fetch('/patients', ask);
    expect([refused.headers.get('retry-after'), refused.body]).toMatchObject([
      '60',
      { type: '/docs#section/Errors/too-many-requests' },
    ]);
    nowMs += 60_001;
    expect((await running.fetch('/patients', ask)).status).toBe(401);
  });

  it('200 with a right key from the same address, and 401 to a wrong one from another or for another scheme', async () => {
    const running = (service = await startGoogleService(behindProxy));
    await sendWrong(running, 61);
    const ask = (path: string, key: string, address: string) =>
      running.fetch(path, { key, headers: from(address) }).then(({ status }) => status);
    expect([
      await ask('/patients', right, '198.51.100.1'),
      await ask('/patients', 'wrong-0123456789', '198.51.100.2'),
      await ask('/lab_results', 'wrong-0123456789', '198.51.100.1'),
      (await running.fetch('/patients', { headers: from('198.51.100.1') })).status,
    ]).toEqual([200, 401, 401, 401]);
  });

  it('starts at most one early refresh in five seconds, and none past the limit', async () => {
    let nowMs = Date.parse('2026-03-01T00:00:00Z');
    const running = (service = await startGoogleService({ ...behindProxy, now: () => nowMs }));
    const calls = () =>
      running.manager.accesses.filter((name) => name.includes('/patients_api_key/')).length;
    const before = calls();
    await sendWrong(running, 60);
    const once = calls();
    nowMs += 5_001;
    await sendWrong(running, 10);
    expect(once - before).toBeGreaterThan(0);
    expect(once - before).toBeLessThanOrEqual(3);
    expect(calls()).toBe(once);
  });

  it('200 at once with a key that was added a moment ago', async () => {
    const running = (service = await startGoogleService(behindProxy));
    running.add('patients_api_key', 'fresh-key-0123456789');
    expect(await running.statusOf('/patients', 'fresh-key-0123456789')).toBe(200);
  });
});

describe('the counters', () => {
  it('are bounded: the oldest goes when there are too many', () => {
    const attempts = createFailedAttempts({ now: () => 0 });
    for (let count = 0; count < 60; count += 1) attempts.count('first', 'patients');
    expect(attempts.limitedSeconds('first', 'patients')).toBe(60);
    for (let other = 0; other < 10_000; other += 1) attempts.count(`other-${other}`, 'patients');
    expect(attempts.limitedSeconds('first', 'patients')).toBeUndefined();
  });

  it('take a whole /64 of IPv6 for one client', () => {
    const attempts = createFailedAttempts({ now: () => 0 });
    for (let host = 1; host <= 60; host += 1) attempts.count(`2001:db8:0:1::${host}`, 'patients');
    expect(attempts.limitedSeconds('2001:db8:0:1:a:b:c:d', 'patients')).toBe(60);
    expect(attempts.limitedSeconds('2001:db8:0:2::1', 'patients')).toBeUndefined();
  });
});

describe('refusals', () => {
  it('go a few at a time, in order, but to clients that have gone', async () => {
    const pace = createUnauthenticatedPace();
    const order: number[] = [];
    const sockets = Array.from({ length: 40 }, () => new Socket());
    const waits = sockets.map(async (socket, place) => {
      if (await pace.turn(socket)) order.push(place);
    });
    await waits[3];
    expect(order).toEqual([0, 1, 2, 3]);
    sockets[20]?.destroy();
    await Promise.all(waits);
    expect(order).toEqual(sockets.map((_, place) => place).filter((place) => place !== 20));
  });

  it('end a connection that sends many requests before it was answered', async () => {
    const pace = createUnauthenticatedPace();
    const socket = new Socket();
    const turns = await Promise.all(Array.from({ length: 40 }, () => pace.turn(socket)));
    expect(socket.destroyed).toBe(true);
    expect(turns.filter(Boolean).length).toBeLessThan(32);
  });

  it('of a flood have ten lines of their own, and then one that counts the rest', () => {
    const { log, lines } = linesOf((destination) =>
      createLog({ level: 'info', confidential: new Set(), destination }),
    );
    const refusals = createErrorAggregator(log);
    const own = Array.from({ length: 60 }, (_, at) =>
      refusals.takes('too-many-requests', `c${at % 30}`),
    );
    expect([own.indexOf(true), refusals.takes('unauthorized', 'c1')]).toEqual([10, false]);
    refusals.close();
    expect(lines()).toMatchObject([
      { refusal: 'too-many-requests', requests: 50, severity: 'WARNING' },
    ]);
    expect(lines()[0]?.clients).toHaveLength(20);
  });
});
