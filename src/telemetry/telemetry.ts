/** Metrics and traces by OpenTelemetry. Loaded only where a port of metrics or a collector is configured. */
import cluster from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { type IMetricReader, MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Config } from '../config.js';
import type { Log } from '../log.js';
import { metricsSender, tracesSender } from './collector.js';
import { type Position, createConsumerPositions } from './consumer-positions.js';
import { observeService } from './gauges.js';
import { type MetricsServer, serveMetrics } from './metrics-server.js';
import type { ObservedRequest, ObservedService } from './observed.js';
import { ScrapedReader } from './prometheus-text.js';
import { createRequestMetrics } from './requests.js';
import { createSpans } from './spans.js';
import { type ObserveStatement, createStatementObserver } from './statements.js';
import { answerFirstProcess } from './worker-metrics.js';

export interface TelemetryOptions {
  readonly config: Config['telemetry'];
  readonly log: Log;
  /** Of the contract. */
  readonly version: string;
  /** What a cursor of this service says. */
  readonly readCursor: (cursor: string) => Position | undefined;
}

export interface Telemetry {
  readonly requests: {
    observe(request: ObservedRequest, work: () => Promise<void>): Promise<void>;
    refused(refusal: string, status: number): void;
  };
  readonly statement: ObserveStatement;
  /** Where metrics can be scraped; nothing in a worker, whose metrics are at the first process's. */
  readonly metricsUrl: string | undefined;
  /** From now on what the service tells of itself is measured too. */
  watch(service: ObservedService): void;
  /** Sends what is left, if that takes no longer than a moment. */
  close(): Promise<void>;
}

export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  tellFaults(options.log);
  const { scraped, meters, tracers } = openProviders(options);
  const meter = meters.getMeter(scope);
  const spans = tracers && createSpans(tracers.getTracer(scope));
  const measured = createRequestMetrics(meter);
  const positions = createConsumerPositions(options.readCursor);
  const server = scraped && (await serveScraped(scraped, options.log));
  let stop: (() => void) | undefined;
  return {
    requests: {
      observe: async (request, work) => {
        const end = measured.begin(request);
        const span = spans?.ofRequest(request);
        request.response.once('close', () => {
          end();
          span?.end();
          positions.note(request);
        });
        await (span === undefined ? work() : span.run(work));
      },
      refused: (refusal, status) => {
        measured.refused(refusal, status);
      },
    },
    statement: createStatementObserver(meter, spans),
    metricsUrl: server?.url,
    watch: (service) => {
      stop = observeService(meter, service, positions);
    },
    close: async () => {
      server?.close();
      const sent = Promise.allSettled([tracers?.shutdown(), meters.shutdown()]);
      await Promise.race([sent, delay(closeWithinMs)]);
      stop?.();
    },
  };
}

function openProviders(options: TelemetryOptions) {
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

function resourceOf({ config, version }: TelemetryOptions): Resource {
  return resourceFromAttributes({
    'service.name': config.serviceName,
    'service.version': version,
    'service.instance.id': crypto.randomUUID(),
  });
}

const faultEveryMs = 60_000;

/** OpenTelemetry says what it cannot send to one logger of the process, again and again. */
function tellFaults(log: Log): void {
  let toldMs = -Infinity;
  const tell = (fault: string) => {
    if (performance.now() - toldMs < faultEveryMs) return;
    toldMs = performance.now();
    log.warn({ fault: fault.slice(0, 300) }, 'metrics or traces could not be sent');
  };
  const ignore = () => undefined;
  const logger = { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
