/** The settings of what the service tells of itself: names in logs, metrics, traces. */
import { type Setting, wholeNumber } from './setting.js';

export const telemetrySettings = {
  OTEL_SERVICE_NAME: {
    meaning: 'The name under which errors, metrics and traces of this service are grouped.',
    wanted: 'a name without blanks',
    example: 'hospital-patients',
    default: 'hospital-streaming-api',
    parse: (text) => (/^[!-~]{1,100}$/.test(text) ? text : undefined),
  } satisfies Setting<string>,
  TRACE_PROJECT: {
    meaning:
      'Google Cloud project of the traces that callers begin: log lines name the trace there, so that Cloud Logging joins them.',
    wanted: 'the id of a project',
    example: 'hospital-prod',
    default: undefined,
    parse: (text) => (/^[a-z0-9][a-z0-9.:-]{0,62}$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  METRICS_PORT: {
    meaning:
      'Port of the metrics in Prometheus’s form, at /metrics; 0 takes a free one. Without it there is none.',
    wanted: 'a whole number from 0 to 65535',
    example: '9464',
    default: undefined,
    parse: wholeNumber(0, 65_535),
  } satisfies Setting<number | undefined>,
  METRICS_HOST: {
    meaning: 'Address of METRICS_PORT. Whoever reaches it reads the metrics without a key.',
    wanted: 'a host name or an IP address',
    example: '127.0.0.1',
    default: '127.0.0.1',
    parse: (text) => (/^[A-Za-z0-9.:_-]+$/.test(text) ? text : undefined),
  } satisfies Setting<string>,
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    meaning:
      'Collector that gets metrics and traces by OTLP over HTTP (JSON), at /v1/metrics and /v1/traces below it. Without it nothing is sent.',
    wanted: 'a URL such as http://127.0.0.1:4318',
    example: 'http://127.0.0.1:4318',
    default: undefined,
    parse: (text) =>
      /^https?:\/\//.test(text) && URL.canParse(text) ? text.replace(/\/+$/, '') : undefined,
  } satisfies Setting<string | undefined>,
  OTEL_EXPORTER_OTLP_HEADERS: {
    meaning: 'Header fields that the collector wants, such as its key.',
    wanted: 'name=value pairs with commas between, values percent-encoded',
    example: 'authorization=Bearer%20abc',
    default: {},
    secret: true,
    parse: headerFields,
  } satisfies Setting<Readonly<Record<string, string>>>,
  OTEL_METRIC_EXPORT_INTERVAL: {
    meaning: 'Milliseconds between two reports of metrics to the collector.',
    wanted: 'a whole number from 1000 to 600000',
    example: '60000',
    default: 60_000,
    parse: wholeNumber(1000, 600_000),
  } satisfies Setting<number>,
  OTEL_TRACES_SAMPLER_ARG: {
    meaning:
      'Share of the requests without a traceparent that are traced; for others the caller has decided.',
    wanted: 'a number from 0 to 1',
    example: '0.1',
    default: 0.1,
    parse: (text) => (/^(?:[01]|0?\.\d{1,6}|1\.0{1,6})$/.test(text) ? Number(text) : undefined),
  } satisfies Setting<number>,
};

function headerFields(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text.split(',').map((pair) => /^\s*([\w!#$%&'*+.^`|~-]+)=([!-~]*)\s*$/.exec(pair));
  const entries = pairs.map((pair) => [pair?.[1], decoded(pair?.[2])] as const);
  const right = entries.every(([name, value]) => name !== undefined && value !== undefined);
  // Each was just seen to be there.
  return right ? (Object.fromEntries(entries) as Record<string, string>) : undefined;
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
