/** Metrics and traces of the service. Loaded only where a port of metrics or a collector is configured. */
import { type Position, createConsumerPositions, observeService } from './gauges.js';
import { type MeasuringOptions, openMeasuring } from './measuring.js';
import type { ObservedRequest, ObservedService } from './observed.js';
import { createRequestMetrics } from './requests.js';
import { type ObserveStatement, createSpans, createStatementObserver } from './spans.js';

export interface TelemetryOptions extends MeasuringOptions {
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
  /** Measures the store and the keys as well from now on. */
  watch(service: ObservedService): void;
  /** Sends what is left, if that takes no longer than a moment. */
  close(): Promise<void>;
}

export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const measuring = await openMeasuring(options);
  const { meter, tracer, metricsUrl } = measuring;
  const spans = tracer && createSpans(tracer);
  const measured = createRequestMetrics(meter);
  const positions = createConsumerPositions(options.readCursor);
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
    metricsUrl,
    watch: (service) => {
      stop = observeService(meter, service, positions);
    },
    close: async () => {
      await measuring.close();
      stop?.();
    },
  };
}
