/** Refuses a request before Express, at the least cost: nothing of it was read but its head. */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../../log.js';
import { type Problem, problems } from '../../problem.js';
import { problemBody } from '../reply.js';
import { requestIdOf, type RequestObserver } from '../request.js';
import { safetyHeaders } from '../response-headers.js';
import type { ErrorAggregator } from './error-aggregator.js';

export type RefuseEarly = (
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
) => void;

interface RefuseEarlyOptions {
  readonly overTls: boolean;
  readonly refusals: ErrorAggregator;
  readonly clientOf: (request: IncomingMessage) => string;
  readonly observer?: Pick<RequestObserver, 'refused'> | undefined;
}

export function createRefuseEarly(options: RefuseEarlyOptions): RefuseEarly {
  const { overTls, refusals, clientOf, observer } = options;
  const headers = Object.fromEntries(safetyHeaders(overTls));
  return (request, response, problem) => {
    const requestId = requestIdOf(request.headers['x-request-id']);
    const body = JSON.stringify(problemBody(problem, requestId));
    response.writeHead(problem.status, {
      ...headers,
      ...problem.headers,
      'X-Request-Id': requestId,
      'Cache-Control': 'no-store',
      'Content-Type': 'application/problem+json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
    refusals.count(problem.slug, clientOf(request));
    observer?.refused(problem.slug, problem.status);
  };
}

interface Unreadable {
  /** Node's code of the error, or `CONNECT`, which Node takes for no request. */
  readonly code?: string | undefined;
  /** What was being parsed. */
  readonly rawPacket?: Buffer;
}

/** @returns the refusal that was sent; nothing where the connection is gone */
export function refuseSocket(
  error: Unreadable,
  socket: Socket,
  { log, refusals }: { readonly log: Log; readonly refusals: Pick<ErrorAggregator, 'takes'> },
): Problem | undefined {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return undefined;
  }
  const requestId = randomUUID();
  const problem = refusalOf(error);
  const body = JSON.stringify(problemBody(problem, requestId));
  if (!refusals.takes('not-http', socket.remoteAddress ?? '')) {
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
      ...Object.entries(problem.headers).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  return problem;
}

const allowed = 'GET, HEAD, OPTIONS';
/** A proper request line, whose method Node does not know. */
const requestLine = /^[!#$%&'*+.^`|~\w-]+ \S+ HTTP\/1\.[01]\r?\n/;

function refusalOf({ code, rawPacket }: Unreadable): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return problems.headerFieldsTooLarge();
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problems.requestTimeout();
  const isUnknown =
    code === 'HPE_INVALID_METHOD' && requestLine.test(rawPacket?.toString('latin1') ?? '');
  if (isUnknown || code === 'CONNECT') return problems.methodNotAllowed(allowed);
  return problems.badRequest('The request is not HTTP/1.1.');
}
