/** The Express application: every request passes it on its way to the dispatcher and to the log. */
import express, { type Express, type Request, type Response } from 'express';
import type { TransportConfig } from '../config/config.js';
import type { Log } from '../log.js';
import { Problem, problems } from '../problem.js';
import { clientAddress } from './client-address.js';
import { createDispatcher, type DispatcherOptions } from './dispatcher.js';
import { createErrorAggregator, type ErrorAggregator } from './limits/error-aggregator.js';
import {
  createUnauthenticatedPace,
  type UnauthenticatedPace,
} from './limits/unauthenticated-pace.js';
import { callFacts } from './operation-handlers.js';
import { writeProblem } from './reply.js';
import {
  type RequestContext,
  requestContext,
  type RequestObserver,
  unobserved,
} from './request.js';
import { safetyHeaders } from './response-headers.js';

export interface AppOptions extends Omit<DispatcherOptions, 'pace'> {
  /** Counts the refusals of floods; without it the app has one of its own. */
  readonly refusals?: ErrorAggregator;
  /** Without it the app has one of its own. */
  readonly pace?: UnauthenticatedPace;
  readonly observer?: Pick<RequestObserver, 'observe'> | undefined;
  /** Whose `X-Forwarded-For` is believed; nobody's without it. */
  readonly trustProxy?: TransportConfig['trustProxy'];
  /** Whether clients reach the service by TLS, its own or a proxy's. */
  readonly overTls?: boolean;
}

export async function createApp(options: AppOptions): Promise<Express> {
  const { log, audit, observer = unobserved, pace = createUnauthenticatedPace() } = options;
  const dispatch = await createDispatcher({ ...options, pace });
  const refusals = options.refusals ?? createErrorAggregator(log);
  const clientOf = clientAddress(options.trustProxy);
  const safety = safetyHeaders(options.overTls ?? false);
  const app = express();
  app.disable('x-powered-by');
  // Both would repeat what the dispatcher does, or cost too much for a page: a hash of its body.
  app.set('etag', false);
  app.set('query parser', false);
  app.use(async (incoming: Request, response: Response) => {
    const request = requestContext(incoming, response, clientOf(incoming));
    response.setHeaders(safety);
    response.setHeader('X-Request-Id', request.requestId);
    logAccess(request, log);
    await observer.observe(request, async () => {
      try {
        await dispatch(request);
      } catch (error) {
        await refuse(request, error, { log, refusals, audit, pace });
      }
    });
  });
  return app;
}

/** A refusal keeps of the answer that was begun only what every answer has. */
const keptHeaders = new Set(['x-request-id', ...safetyHeaders(true).keys()]);

async function refuse(
  request: RequestContext,
  error: unknown,
  {
    log,
    refusals,
    audit,
    pace,
  }: Pick<AppOptions, 'log' | 'audit'> & Required<Pick<AppOptions, 'refusals' | 'pace'>>,
): Promise<void> {
  const { response, requestId, outcome } = request;
  const isUnknown = outcome.consumer === undefined;
  if (isUnknown && !response.headersSent && !(await pace.turn(response.socket))) return;
  const problem = error instanceof Problem ? error : problems.internal({ cause: error });
  outcome.isAggregated =
    !response.headersSent && refusals.takes(problem.slug, request.client, isUnknown);
  // A refusal without a cause is the service's own choice, which the access log has.
  if (problem.cause !== undefined && !outcome.isAggregated) {
    log.error({ requestId, trace: outcome.trace, error: problem.cause }, 'a request failed');
  }
  if (response.headersSent) {
    // The client has to see that the answer is broken: its chunked body does not end.
    response.destroy();
    return;
  }
  if (!outcome.isAggregated) await audit?.recordRefusal(callFacts(request), problem);
  for (const name of response.getHeaderNames()) {
    if (!keptHeaders.has(name)) response.removeHeader(name);
  }
  outcome.refusal = problem.slug;
  writeProblem(request, problem);
}

/** Longer ones say nothing more, and the client chooses what stands in them. */
const mostOfUserAgent = 200;

const labels = { log: 'access' } as const;

function logAccess(request: RequestContext, log: Log): void {
  const { response, requestId, outcome, headers } = request;
  const started = performance.now();
  const { socket } = response;
  const written = socket?.bytesWritten ?? 0;
  response.once('close', () => {
    if (outcome.isAggregated === true) return;
    const milliseconds = Math.round((performance.now() - started) * 1000) / 1000;
    const bytes = (socket?.bytesWritten ?? 0) - written;
    const facts = {
      requestId,
      operation: outcome.operationId,
      consumer: outcome.consumer,
      keyVersion: outcome.keyVersion,
      refusal: outcome.refusal,
      milliseconds,
      bytes,
      aborted: response.writableFinished ? undefined : true,
      httpRequest: {
        requestMethod: request.method,
        requestUrl: outcome.url,
        status: response.statusCode,
        latency: `${(milliseconds / 1000).toFixed(6)}s`,
        responseSize: String(bytes),
        remoteIp: request.client,
        userAgent: headers['user-agent']?.slice(0, mostOfUserAgent),
      },
      trace: outcome.trace,
      labels,
    };
    if (response.statusCode >= 500) log.warn(facts, 'request');
    else log.info(facts, 'request');
  });
}
