/** What a request costs before anybody asked for its key: no more than in proportion to its bytes. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestService, startService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function send(head: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.end(`${head}\r\n\r\n`);
  return text(socket);
}

const rounds = 5;
const requests = 4;
/** What the rest of the process may use meanwhile; quadratic work on 15 KB takes longer. */
const spareMs = 25;

/** Milliseconds of processor time for some requests, in the cheapest of several rounds. */
async function cpuMs(head: string): Promise<number> {
  const spent: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (let sent = 0; sent < requests; sent += 1) await send(head);
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / 1000);
  }
  return Math.min(...spent);
}

const fill = (unit: string, bytes: number) => unit.repeat(Math.floor(bytes / unit.length));
const target = (rest: string) => `GET ${rest} HTTP/1.1\r\nHost: x`;
const field = (name: string, value: string) => `${target('/health/live')}\r\n${name}: ${value}`;
const repeated = (line: string, bytes: number) => `${target('/health/live')}${fill(line, bytes)}`;

const inputs: Record<string, (bytes: number) => string> = {
  'a repeated parameter': (bytes) => target(`/health/live?${fill('a&', bytes)}`),
  'one long parameter': (bytes) => target(`/health/live?a=${fill('%41+', bytes)}`),
  'different parameters': (bytes) =>
    target(`/health/live?${Array.from({ length: bytes / 6 }, (_, n) => `a${n}`).join('&')}`),
  'a path': (bytes) => target(fill('/patients/%41', bytes)),
  'an absolute target': (bytes) => target(`http://a${fill('/?', bytes)}`),
  'different headers': (bytes) => repeated('\r\na: b', bytes),
  cookies: (bytes) => repeated('\r\nCookie: a', bytes),
  Accept: (bytes) => field('Accept', fill('a/b,', bytes)),
  'Accept with a quote that stays open': (bytes) => field('Accept', `a/b;c="${fill(',', bytes)}`),
  'Accept with parameters': (bytes) => field('Accept', `a/b${fill(';c="', bytes)}`),
  'Accept-Encoding': (bytes) => field('Accept-Encoding', fill('a;q=0,', bytes)),
  Prefer: (bytes) => field('Prefer', fill('wait ;', bytes)),
  'If-None-Match': (bytes) => field('If-None-Match', fill('W/"', bytes)),
  traceparent: (bytes) => field('traceparent', fill('00-', bytes)),
  'Content-Type': (bytes) => field('Content-Type', fill('a/b;', bytes)),
  'Content-Length': (bytes) => field('Content-Length', fill('0', bytes)),
  'X-Forwarded-For': (bytes) => field('X-Forwarded-For', fill('::1,', bytes)),
  'X-Request-Id': (bytes) => field('X-Request-Id', fill('a', bytes)),
  'a key': (bytes) => `${target('/patients')}\r\nx-api-key: ${fill('k', bytes)}`,
};

describe('twice the bytes take at most twice the processor time', () => {
  it.each(Object.entries(inputs))('in %s', async (_, headOf) => {
    await send(headOf(7_500));
    const half = await cpuMs(headOf(7_500));
    expect(await cpuMs(headOf(15_000))).toBeLessThan(2 * half + spareMs);
  });
});

describe('the query', () => {
  it.each([
    [64, 'is not a parameter of this operation'],
    [65, 'more than 64 parameters'],
  ])('of %i parameters is refused: %s', async (count, detail) => {
    const query = Array.from({ length: count }, (_, n) => `a${n}`).join('&');
    const answer = await send(target(`/health/live?${query}`));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain(detail);
  });

  it('is read no further than to a name that repeats', async () => {
    const { status, body } = await service.fetch('/patients?limit=1&limit=2&limit=%ff&x', {
      key: 'patients',
    });
    const errors = [{ parameter: 'limit', detail: 'must be given once only' }];
    expect([status, body]).toMatchObject([400, { errors }]);
  });
});
