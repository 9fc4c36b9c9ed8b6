/** What measures in a process: metrics that are scraped or sent, and spans, as the settings say. */
import cluster from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { diag, DiagLogLevel, type Meter, type Tracer } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  type IMetricReader,
  MeterProvider,
  type MetricData,
  MetricReader,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Config } from '../config/config.js';
import type { Log } from '../log.js';
import { prometheusName } from './instruments.js';
import { type MetricsServer, serveMetrics } from './metrics-server.js';
import { answerFirstProcess } from './worker-metrics.js';

export interface MeasuringOptions {
  readonly config: Config['telemetry'];
  readonly log: Log;
  /** Of the contract. */
  readonly version: string;
}

export interface Measuring {
  readonly meter: Meter;
  readonly tracer: Tracer | undefined;
  /** Where metrics can be scraped; nothing in a worker, whose metrics are at the first process's. */
  readonly metricsUrl: string | undefined;
  /** Sends what is left, if that takes no longer than a moment. */
  close(): Promise<void>;
}

export async function openMeasuring(options: MeasuringOptions): Promise<Measuring> {
  logExportErrors(options.log);
  const { scraped, meters, tracers } = openProviders(options);
  const server = scraped && (await serveScraped(scraped, options.log));
  return {
    meter: meters.getMeter(scope),
    tracer: tracers?.getTracer(scope),
    metricsUrl: server?.url,
    close: async () => {
      server?.close();
      const sent = Promise.allSettled([tracers?.shutdown(), meters.shutdown()]);
      await Promise.race([sent, delay(closeWithinMs)]);
    },
  };
}

function openProviders(options: MeasuringOptions) {
  const { metrics, collector } = options.config;
  const resource = resourceOf(options);
  const reader = metrics && new ScrapedReader();
  const scraped = reader && { place: metrics, text: () => reader.text() };
  const sender = collector && metricsSender(collector);
  const readers: IMetricReader[] = [reader, sender].filter((one) => one !== undefined);
  const meters = new MeterProvider({ resource, readers });
  return { scraped, meters, tracers: collector && tracesSender(collector, resource) };
}

type ScrapedServer = Pick<MetricsServer, 'close'> & Partial<MetricsServer>;

async function serveScraped(
  { place, text }: NonNullable<ReturnType<typeof openProviders>['scraped']>,
  log: Log,
): Promise<ScrapedServer> {
  if (cluster.isWorker) return answerFirstProcess(text);
  const server = await serveMetrics({ ...place, read: text });
  log.info({ metricsUrl: server.url }, 'metrics can be scraped');
  return server;
}

const scope = 'hospital-streaming-api';
const closeWithinMs = 1_000;

function resourceOf({ config, version }: MeasuringOptions): Resource {
  return resourceFromAttributes({
    'service.name': config.serviceName,
    'service.version': version,
    'service.instance.id': crypto.randomUUID(),
  });
}

const logErrorEveryMs = 60_000;

/** OpenTelemetry says what it cannot send to one logger of the process, again and again. */
function logExportErrors(log: Log): void {
  let loggedMs = -Infinity;
  const logError = (message: string) => {
    if (performance.now() - loggedMs < logErrorEveryMs) return;
    loggedMs = performance.now();
    log.warn({ reason: message.slice(0, 300) }, 'metrics or traces could not be sent');
  };
  const ignore = () => undefined;
  const logger = { error: logError, warn: logError, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

type CollectorConfig = NonNullable<Config['telemetry']['collector']>;

const sendTimeoutMs = 5_000;
const spansEveryMs = 1_000;
const metricsEveryMs = 60_000;

function metricsSender({ url, headers }: CollectorConfig) {
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({
      ...{ url: `${url}/v1/metrics`, headers: { ...headers }, timeoutMillis: sendTimeoutMs },
    }),
    exportIntervalMillis: metricsEveryMs,
    exportTimeoutMillis: sendTimeoutMs,
  });
}

/** The caller decides whether its trace is recorded; of the other requests a share is. */
function tracesSender({ url, headers, tracedShare }: CollectorConfig, resource: Resource) {
  const exporter = new OTLPTraceExporter({
    ...{ url: `${url}/v1/traces`, headers: { ...headers }, timeoutMillis: sendTimeoutMs },
  });
  return new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(tracedShare) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: spansEveryMs })],
  });
}

/** Collects only when it is read. */
class ScrapedReader extends MetricReader {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return this.#serializer.serialize(withUnits(resourceMetrics));
  }

  protected override async onForceFlush(): Promise<void> {
    // Nothing is buffered.
  }

  protected override async onShutdown(): Promise<void> {
    // Nothing is open.
  }
}

/** The serializer leaves units out of the names. */
function withUnits({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics {
  return {
    resource,
    scopeMetrics: scopeMetrics.map((of) => ({ ...of, metrics: of.metrics.map(withUnit) })),
  };
}

function withUnit(metric: MetricData): MetricData {
  const { descriptor } = metric;
  const name = prometheusName(descriptor.name, descriptor.unit);
  return { ...metric, descriptor: { ...descriptor, name, unit: '' } };
}
