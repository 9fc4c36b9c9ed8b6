// The page of metrics, from the same table that they are made with.
import { type Instrument, instruments, prometheusName } from '../src/telemetry/instruments.js';
import { producerInstruments } from '../src/telemetry/producer-metrics.js';

function tableOf(table: Readonly<Record<string, Instrument>>): string {
  const rows = Object.values(table).map(({ name, unit, description, attributes }) => {
    const labels = attributes.map((attribute) => `\`${attribute}\``).join(', ');
    return `| \`${name}\`, \`${prometheusName(name, unit)}\` | ${unit} | ${description} | ${labels} |`;
  });
  return ['| name | unit | what it is | labels |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

export function metricsPage(): string {
  return `<!-- Written by \`npm run generate\` from src/telemetry/instruments.ts. -->

# Metrics and traces

For operators. After this page you can turn metrics and traces on, and know what each of them means.

The service measures nothing by default. Two settings turn it on, together or alone; OpenTelemetry is loaded only then:

- \`METRICS_PORT=9464\` opens a port of its own with \`GET /metrics\` in Prometheus's form, on \`METRICS_HOST\` (127.0.0.1 unless it says
  otherwise). With \`WEB_CONCURRENCY\` above 1 it covers all workers: each series has the label \`worker\`, as the lines of the log do. One
  that does not answer within two seconds is left out.
  Whoever reaches that port reads the metrics without a key: keep it from the network that clients come from. The public port has no metrics.
- \`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\` sends metrics and traces to a collector by OTLP over HTTP in JSON,
  with \`OTEL_EXPORTER_OTLP_HEADERS\`, metrics once a minute.

## Metrics

Names are those of OpenTelemetry's semantic conventions where they have one. Prometheus knows each by the second name, followed by \`_total\` for
what is counted and \`_bucket\`, \`_sum\`, \`_count\` for durations; dots of labels are underscores there.

${tableOf(instruments)}

The producer has these, by the same settings; \`--once\` sends what is left before it ends:

${tableOf(producerInstruments)}

Labels hold names of the contract and of the configuration, statuses and kinds, never a path, an id, an address or a key: their number is
bounded, and nothing in them is a patient's.

- \`hospital.consumer.lag\` is what a consumer has not been sent yet, by the cursor of the newest answer that it got whole. A process knows the
  consumers that it has answered since its start; with several processes the least of their lags is the consumer's, or
  \`max by (hospital_collection) (hospital_feed_position_seconds) - on (hospital_collection) group_right () max by (hospital_collection, hospital_consumer) (hospital_consumer_position_seconds)\`.
- \`hospital.key.read.age\` grows while the source of keys cannot be read; \`hospital.key.uses\` shows whether anybody still uses the version that
  is to be disabled. Only Secret Manager knows how old a version is: the service may read keys, not their history.
- \`http.server.request.duration\` of \`hospital.answer="wait"\` holds the time that a client asked to wait, and of \`"export"\` the time
  that it took to read: [the objectives](slo.md) count \`"page"\` alone.

## Traces

A request is a span of the caller's trace (\`traceparent\`, \`tracestate\`), with its statements and transactions as children. The caller decides
whether it is recorded; of requests without a \`traceparent\` a share is (\`OTEL_TRACES_SAMPLER_ARG\`). Spans name the path's template, operation,
status, consumer and request id; statements their name in the code, never their text or values. The log line of a traced request
names the request's span.
`;
}
