/** Requests and their statements as spans of the trace that the caller began. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  createTraceState,
  type Meter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { described, durationBounds, instruments } from './instruments.js';
import type { ObservedRequest } from './observed.js';
import { knownMethod } from './requests.js';

export interface Spans {
  /** @returns nothing where the request is not sampled */
  ofRequest(request: ObservedRequest): RequestSpan | undefined;
  /** @returns what ends the statement's span, with its failure if it failed; nothing outside of a traced request */
  ofStatement(name: string): ((failure?: Error) => void) | undefined;
}

interface RequestSpan {
  run(work: () => Promise<void>): Promise<void>;
  end(): void;
}

export function createSpans(tracer: Tracer): Spans {
  // Statements find their request by it; no instance is known to another, unlike with the API's own global context.
  const active = new AsyncLocalStorage<Span>();
  return {
    ofRequest: (request) => {
      const method = knownMethod(request.method);
      const options = { kind: SpanKind.SERVER, attributes: { 'http.request.method': method } };
      const span = tracer.startSpan(method, options, callerOf(request));
      if (!span.isRecording()) return undefined;
      const { traceId, spanId } = span.spanContext();
      request.outcome.trace = { traceId, spanId, sampled: true };
      return {
        run: (work) => active.run(span, work),
        end: () => {
          finish(span, request, method);
        },
      };
    },
    ofStatement: (name) => {
      const parent = active.getStore();
      return parent && startStatement(tracer, name, trace.setSpan(ROOT_CONTEXT, parent));
    },
  };
}

function callerOf({ outcome: { trace: caller }, headers }: ObservedRequest): Context {
  if (caller === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = caller;
  const { tracestate } = headers;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(typeof tracestate === 'string' && { traceState: createTraceState(tracestate) }),
  });
}

function finish(span: Span, request: ObservedRequest, method: string): void {
  const { requestId, response, outcome } = request;
  const { route, operationId, answering, consumer, refusal } = outcome;
  const { statusCode, writableFinished } = response;
  if (route !== undefined) span.updateName(`${method} ${route}`).setAttribute('http.route', route);
  span.setAttributes({
    'http.response.status_code': statusCode,
    'hospital.request_id': requestId,
    'hospital.answer': answering,
    ...(operationId !== undefined && { 'hospital.operation': operationId }),
    ...(consumer !== undefined && { 'hospital.consumer': consumer }),
    ...(refusal !== undefined && { 'hospital.refusal': refusal }),
    ...(!writableFinished && { 'hospital.aborted': true }),
  });
  if (statusCode >= 500) {
    span.setAttribute('error.type', refusal ?? String(statusCode));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function startStatement(tracer: Tracer, name: string, parent: Context) {
  const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': name };
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  return (failure?: Error) => {
    if (failure !== undefined) {
      // Its words may quote a record; its kind does not.
      span.setAttribute('error.type', failure.name);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  };
}

export type ObserveStatement = <Result>(
  name: string,
  run: () => Promise<Result>,
) => Promise<Result>;

export function createStatementObserver(meter: Meter, spans: Spans | undefined): ObserveStatement {
  const [metric, options] = described(instruments.statementDuration);
  const duration = meter.createHistogram(metric, {
    ...options,
    advice: { explicitBucketBoundaries: durationBounds },
  });
  return async (name, run) => {
    const startedMs = performance.now();
    const end = spans?.ofStatement(name);
    const note = (failure?: Error) => {
      end?.(failure);
      duration.record((performance.now() - startedMs) / 1000, {
        'db.system.name': 'postgresql',
        'db.query.summary': name,
        ...(failure !== undefined && { 'error.type': failure.name }),
      });
    };
    try {
      const result = await run();
      note();
      return result;
    } catch (error) {
      note(error instanceof Error ? error : new Error('unknown'));
      throw error;
    }
  };
}
