/** What a request costs before anybody asked for its key: no more than in proportion to its bytes. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headsWithoutKey, target } from '../support/heads-without-key.js';
import { type TestService, startService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function send(head: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${head}\r\nConnection: close\r\n\r\n`);
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

describe('twice the bytes take at most twice the processor time', () => {
  it.each(Object.entries(headsWithoutKey))('in %s', async (_, headOf) => {
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
