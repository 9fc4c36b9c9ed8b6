/** The Express application: every request passes it on its way to the dispatcher and to the log. */
import express, { type Express, type Request, type Response } from 'express';
import { type Audit, recordRefusal } from '../audit/record-answer.js';
import type { TransportConfig } from '../config/config.js';
import type { Contract } from '../contract/contract.js';
import type { Operations } from '../contract/operations.js';
import type { Log } from '../log.js';
import { Problem, problems } from '../problem.js';
import type { Authenticate } from './authenticate.js';
import { clientAddress } from './client-address.js';
import { createDispatcher, type Dispatcher } from './dispatcher.js';
import type { Admission } from './limits/admission.js';
import { createRefusalTally, type RefusalTally } from './limits/error-aggregator.js';
import type { Exports } from './limits/exports.js';
import type { RateLimits } from './limits/rate-limits.js';
import { writeProblem } from './reply.js';
import {
  assertDecodable,
  type Exchange,
  parseQuery,
  requestIdOf,
  type RequestObserver,
  sentHeaders,
  traceContextOf,
  unobserved,
} from './request.js';
import type { ResponseCheckMode } from './response-check.js';
import { safetyHeaders } from './response-headers.js';

export interface AppOptions {
  readonly contract: Contract;
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly log: Log;
  /** Told of each request for an operation that needs a key; nobody is without it. */
  readonly audit?: Audit | undefined;
  /** Counts the refusals of floods; without it the app has one of its own. */
  readonly tally?: RefusalTally;
  /** Bounds the operations under way; without it they are not bounded. */
  readonly admission?: Pick<Admission, 'run'>;
  /** Bounds the feeds that are streamed; without it they are not bounded. */
  readonly exports?: Exports;
  readonly rateLimits?: RateLimits;
  readonly observer?: Pick<RequestObserver, 'observe'> | undefined;
  /** Whose `X-Forwarded-For` is believed; nobody's without it. */
  readonly trustProxy?: TransportConfig['trustProxy'];
  /** Whether clients reach the service by TLS, its own or a proxy's. */
  readonly overTls?: boolean;
  /** Whether answers are held against the contract; never without it. */
  readonly responseCheck?: ResponseCheckMode;
}

export async function createApp(options: AppOptions): Promise<Express> {
  const dispatcher = await createDispatcher(options);
  const { log, audit, tally = createRefusalTally(log), observer = unobserved } = options;
  const clientOf = clientAddress(options.trustProxy);
  const safety = safetyHeaders(options.overTls ?? false);
  const app = express();
  app.disable('x-powered-by');
  // Both would do for each request what the dispatcher does once more, or what a page must not cost: hash its body.
  app.set('etag', false);
  app.set('query parser', false);
  app.use(async (request: Request, response: Response) => {
    response.setHeaders(safety);
    const exchange = open(request, response, clientOf(request));
    logAccess(exchange, log);
    await observer.observe(exchange, async () => {
      try {
        await answer(exchange, request, dispatcher);
      } catch (error) {
        await refuse(exchange, error, { log, tally, audit });
      }
    });
  });
  return app;
}

function open(request: Request, response: Response, client: string): Exchange {
  const headers = sentHeaders(request.headers);
  const requestId = requestIdOf(headers['x-request-id']);
  response.setHeader('X-Request-Id', requestId);
  return {
    requestId,
    client,
    method: request.method,
    path: request.path,
    headers,
    response,
    query: {},
    allow: undefined,
    operationId: undefined,
    route: undefined,
    answering: 'page',
    scheme: undefined,
    asked: undefined,
    url: undefined,
    trace: traceContextOf(headers.traceparent),
    consumer: undefined,
    keyVersion: undefined,
    refusal: undefined,
    isCounted: false,
  };
}

async function answer(exchange: Exchange, { url }: Request, dispatcher: Dispatcher): Promise<void> {
  assertSmallBody(exchange);
  assertDecodable(exchange.path);
  exchange.allow = dispatcher.allowOf(exchange.path);
  if (exchange.method === 'OPTIONS' && exchange.allow !== undefined) {
    exchange.response.setHeader('Allow', exchange.allow);
    exchange.response.status(204).end();
    return;
  }
  const mark = url.indexOf('?');
  exchange.query = mark === -1 ? {} : parseQuery(url.slice(mark + 1));
  await dispatcher.dispatch(exchange);
}

const maxBodyBytes = 65_536;

/** No operation reads a body: a small one is passed over, a large one would have to be received first. */
function assertSmallBody({ headers }: Exchange): void {
  const isLarge = Number(headers['content-length'] ?? 0) > maxBodyBytes;
  if (isLarge || headers['transfer-encoding'] !== undefined) throw problems.bodyTooLarge();
}

/** A refusal keeps of the answer that was begun only what every answer has. */
const keptHeaders = new Set(['x-request-id', ...safetyHeaders(true).keys()]);

async function refuse(
  exchange: Exchange,
  error: unknown,
  { log, tally, audit }: Pick<AppOptions, 'log' | 'audit'> & { readonly tally: RefusalTally },
): Promise<void> {
  const { response, requestId, trace } = exchange;
  const problem = error instanceof Problem ? error : problems.internal({ cause: error });
  exchange.isCounted = !response.headersSent && tally.takes(problem.slug, exchange.client);
  // A refusal without a cause is the service's own choice: its access line tells of it.
  if (problem.cause !== undefined && !exchange.isCounted) {
    log.error({ requestId, trace, error: problem.cause }, 'a request failed');
  }
  if (response.headersSent) {
    // The client has to see that the answer is broken: its chunked body does not end.
    response.destroy();
    return;
  }
  if (audit !== undefined && !exchange.isCounted) await recordRefusal(audit, exchange, problem);
  for (const name of response.getHeaderNames()) {
    if (!keptHeaders.has(name)) response.removeHeader(name);
  }
  writeProblem(exchange, problem);
}

/** Longer ones tell nothing more, and the client chooses what stands in them. */
const mostOfUserAgent = 200;

const labels = { log: 'access' } as const;

function logAccess(exchange: Exchange, log: Log): void {
  const { response, requestId, headers } = exchange;
  const started = performance.now();
  const { socket } = response;
  const written = socket?.bytesWritten ?? 0;
  response.once('close', () => {
    const { operationId, consumer, keyVersion, refusal, trace } = exchange;
    if (exchange.isCounted) return;
    const milliseconds = Math.round((performance.now() - started) * 1000) / 1000;
    const bytes = (socket?.bytesWritten ?? 0) - written;
    const facts = {
      requestId,
      operation: operationId,
      consumer,
      keyVersion,
      refusal,
      milliseconds,
      bytes,
      aborted: response.writableFinished ? undefined : true,
      httpRequest: {
        requestMethod: exchange.method,
        requestUrl: exchange.url,
        status: response.statusCode,
        latency: `${(milliseconds / 1000).toFixed(6)}s`,
        responseSize: String(bytes),
        remoteIp: exchange.client,
        userAgent: headers['user-agent']?.slice(0, mostOfUserAgent),
      },
      trace,
      labels,
    };
    if (response.statusCode >= 500) log.warn(facts, 'request');
    else log.info(facts, 'request');
  });
}
