/** Clients that hold on to a connection: how long each kind of slowness is borne. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type HttpServer, listen } from '../../src/http/server.js';
import { openConnection } from '../support/raw-connection.js';
import { silent } from '../support/service.js';

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close(100);
  server = undefined;
});

/** The limits in milliseconds, where a test cannot wait for the service's own. */
async function start(app: RequestListener, limits: Readonly<Record<string, number>> = {}) {
  server = await listen({ app, limits, host: '127.0.0.1', port: 0, log: silent });
  return server.url;
}

const answer: RequestListener = (_request, response) => response.end('answer');

async function sentSlowly(url: string, everyMs: number): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n');
  for (let field = 0; !socket.destroyed && text === ''; field += 1) {
    socket.write(`x-${field}: slow\r\n`);
    await delay(everyMs);
  }
  socket.destroy();
  await closed;
  return text;
}

it('408 as a problem for a head that never ends, however steadily it comes', async () => {
  const url = await start(answer, { headersTimeout: 300, connectionsCheckingInterval: 50 });
  const text = await sentSlowly(url, 20);
  expect(text).toMatch(/^HTTP\/1\.1 408 [^]*application\/problem\+json[^]*request-timeout/);
});

it('the end of the connection for a reader that takes nothing of its answer', async () => {
  let isClosed = false;
  const endless: RequestListener = (_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    response.on('close', () => (isClosed = true));
    more();
  };
  const url = await start(endless, { stalledAfter: 300 });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await expect.poll(() => isClosed, { timeout: 10_000 }).toBe(true);
  socket.destroy();
});

it('a connection between two requests is kept longer than a load balancer keeps it, and longer than a stalled one', async () => {
  const url = await start(answer, { stalledAfter: 200 });
  const connection = await openConnection(url);
  const { head } = await connection.ask('/');
  const [, seconds] = /\r\nkeep-alive: timeout=(\d+)/i.exec(head) ?? [];
  expect(Number(seconds)).toBeGreaterThan(600);
  await delay(600);
  expect((await connection.ask('/')).status).toBe(200);
  connection.socket.destroy();
});
