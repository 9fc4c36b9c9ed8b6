/** Answers a request of which nothing was read but its head: before Express, at the least cost. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from '../problem.js';
import type { RefusalTally } from './refusal-tally.js';
import { problemBody } from './reply.js';
import { requestIdOf } from './request-id.js';
import type { RequestObserver } from './request-observer.js';
import { safetyHeaders } from './safety-headers.js';

export type RefuseEarly = (
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
) => void;

interface RefuseEarlyOptions {
  readonly overTls: boolean;
  readonly tally: RefusalTally;
  readonly clientOf: (request: IncomingMessage) => string;
  readonly observer?: Pick<RequestObserver, 'refused'> | undefined;
}

export function createRefuseEarly(options: RefuseEarlyOptions): RefuseEarly {
  const { overTls, tally, clientOf, observer } = options;
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
    tally.count(problem.slug, clientOf(request));
    observer?.refused(problem.slug, problem.status);
  };
}
