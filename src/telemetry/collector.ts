/** What sends metrics and spans to a collector, by OTLP over HTTP. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Config } from '../config.js';

type CollectorConfig = NonNullable<Config['telemetry']['collector']>;

const sendTimeoutMs = 5_000;
const spansEveryMs = 1_000;

export function metricsSender({ url, headers, metricsEveryMs }: CollectorConfig) {
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({
      ...{ url: `${url}/v1/metrics`, headers: { ...headers }, timeoutMillis: sendTimeoutMs },
    }),
    exportIntervalMillis: metricsEveryMs,
    exportTimeoutMillis: Math.min(sendTimeoutMs, metricsEveryMs),
  });
}

/** The caller decides whether its trace is recorded; of the other requests a share is. */
export function tracesSender({ url, headers, tracedShare }: CollectorConfig, resource: Resource) {
  const exporter = new OTLPTraceExporter({
    ...{ url: `${url}/v1/traces`, headers: { ...headers }, timeoutMillis: sendTimeoutMs },
  });
  return new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(tracedShare) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: spansEveryMs })],
  });
}
