/** What the service tells of itself, as the settings say it. */
import type { Values } from './settings.js';

export interface TelemetryConfig {
  readonly serviceName: string;
  readonly traceProject: string | undefined;
  /** Where metrics can be scraped. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  readonly collector: CollectorConfig | undefined;
}

/** Where metrics and traces are sent to. */
interface CollectorConfig {
  /** Without a closing slash. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly metricsEveryMs: number;
  /** Of the requests whose caller decided nothing, from 0 to 1. */
  readonly tracedShare: number;
}

export function telemetryOf(values: Values): TelemetryConfig {
  const { METRICS_PORT: port, OTEL_EXPORTER_OTLP_ENDPOINT: url } = values;
  return {
    serviceName: values.OTEL_SERVICE_NAME,
    traceProject: values.TRACE_PROJECT,
    metrics: port === undefined ? undefined : { host: values.METRICS_HOST, port },
    collector:
      url === undefined
        ? undefined
        : {
            url,
            headers: values.OTEL_EXPORTER_OTLP_HEADERS,
            metricsEveryMs: values.OTEL_METRIC_EXPORT_INTERVAL,
            tracedShare: values.OTEL_TRACES_SAMPLER_ARG,
          },
  };
}
