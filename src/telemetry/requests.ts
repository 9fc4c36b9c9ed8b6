/** Requests as metrics: counted and timed by operation, status and kind of answer. */
import type { Attributes, Meter } from '@opentelemetry/api';
import { described, durationBounds, instruments } from './instruments.js';
import type { ObservedRequest } from './observed.js';

export interface RequestMetrics {
  /** @returns what ends it */
  begin(request: ObservedRequest): () => void;
  /** A refusal that came before there was a request to look at. */
  refused(refusal: string, status: number): void;
}

export function createRequestMetrics(meter: Meter): RequestMetrics {
  const [name, options] = described(instruments.requestDuration);
  const duration = meter.createHistogram(name, {
    ...options,
    advice: { explicitBucketBoundaries: durationBounds },
  });
  const active = meter.createUpDownCounter(...described(instruments.activeRequests));
  const refusals = meter.createCounter(...described(instruments.refusals));
  const byConsumer = meter.createCounter(...described(instruments.consumerRequests));
  const end = (request: ObservedRequest, startedMs: number) => {
    const { refusal, consumer, operationId } = request.outcome;
    active.add(-1);
    duration.record((performance.now() - startedMs) / 1000, attributesOf(request));
    if (refusal !== undefined) refusals.add(1, refusalOf(refusal, request.response.statusCode));
    if (consumer === undefined || operationId === undefined) return;
    byConsumer.add(1, { 'hospital.consumer': consumer, 'hospital.operation': operationId });
  };
  return {
    begin: (request) => {
      const startedMs = performance.now();
      active.add(1);
      return () => {
        end(request, startedMs);
      };
    },
    refused: (refusal, status) => {
      refusals.add(1, refusalOf(refusal, status));
      duration.record(0, { 'http.response.status_code': status, 'error.type': refusal });
    },
  };
}

function attributesOf(request: ObservedRequest): Attributes {
  const { route, operationId, answering, refusal } = request.outcome;
  const { statusCode } = request.response;
  return {
    'http.request.method': knownMethod(request.method),
    'http.response.status_code': statusCode,
    'hospital.answer': answering,
    ...(route !== undefined && { 'http.route': route }),
    ...(operationId !== undefined && { 'hospital.operation': operationId }),
    ...(statusCode >= 500 && { 'error.type': refusal ?? String(statusCode) }),
  };
}

function refusalOf(refusal: string, status: number): Attributes {
  return { 'hospital.refusal': refusal, 'http.response.status_code': status };
}

const methods = new Set('CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE'.split(' '));

/** @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ */
export function knownMethod(method: string): string {
  return methods.has(method) ? method : '_OTHER';
}
