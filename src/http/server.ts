/** The HTTP server: limits, refusals of what is not HTTP, and an orderly end. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import type { Log } from '../log.js';
import { type Problem, problems } from '../problem.js';
import { problemBody } from './reply.js';

export interface ServerOptions {
  readonly app: RequestListener;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: Log;
}

export interface HttpServer {
  /** Where the server listens, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Stops accepting, lets running requests finish, and ends after `deadlineMs` at the latest. */
  close(deadlineMs: number): Promise<void>;
}

/** Longer than a load balancer's idle time (600 s at Google's), or its clients see 502. */
const keepAliveTimeoutMs = 620_000;
const headersTimeoutMs = 20_000;
const requestTimeoutMs = 60_000;

export async function listen(options: ServerOptions): Promise<HttpServer> {
  const server = createServer(
    {
      keepAliveTimeout: keepAliveTimeoutMs,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      maxHeaderSize: 16_384,
    },
    options.app,
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuseSocket(error, socket, options);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return { url: urlOf(server), close: (deadlineMs) => close(server, deadlineMs) };
}

async function close(server: Server, deadlineMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, deadlineMs);
  await closed;
  clearTimeout(deadline);
}

function urlOf(server: Server): string {
  // A server that listens on a TCP port has an address of this form.
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function refuseSocket(error: NodeJS.ErrnoException, socket: Duplex, { log }: ServerOptions): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  const problem = refusalOf(error);
  const body = JSON.stringify(problemBody(problem, requestId));
  log.info(
    { requestId, refusal: problem.slug, code: error.code, httpRequest: { status: problem.status } },
    'request that is not HTTP',
  );
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
      'Content-Type: application/problem+json',
      'Cache-Control: no-store',
      `X-Request-Id: ${requestId}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function refusalOf({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return problems.headerFieldsTooLarge();
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problems.requestTimeout();
  return problems.badRequest('The request is not HTTP/1.1.');
}
