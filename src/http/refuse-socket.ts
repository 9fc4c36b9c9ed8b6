/** Answers what is not HTTP, or came too slowly or too large for a request to be made of it. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../log.js';
import { type Problem, problems } from '../problem.js';
import type { RefusalTally } from './refusal-tally.js';
import { problemBody } from './reply.js';
import { safetyHeaders } from './safety-headers.js';

/** @returns the refusal that was sent; nothing where the connection is gone */
export function refuseSocket(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { log, tally }: { readonly log: Log; readonly tally: Pick<RefusalTally, 'takes'> },
): Problem | undefined {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return undefined;
  }
  const requestId = randomUUID();
  const problem = refusalOf(error);
  const body = JSON.stringify(problemBody(problem, requestId));
  if (!tally.takes('not-http', socket.remoteAddress ?? '')) {
    const httpRequest = { status: problem.status, remoteIp: socket.remoteAddress };
    const facts = { requestId, refusal: problem.slug, code: error.code, httpRequest };
    log.info(facts, 'request that is not HTTP');
  }
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
      'Content-Type: application/problem+json',
      'Cache-Control: no-store',
      ...[...safetyHeaders(false)].map(([name, value]) => `${name}: ${value}`),
      `X-Request-Id: ${requestId}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  return problem;
}

function refusalOf({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return problems.headerFieldsTooLarge();
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problems.requestTimeout();
  return problems.badRequest('The request is not HTTP/1.1.');
}
