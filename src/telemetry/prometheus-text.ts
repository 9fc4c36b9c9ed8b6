/** Metrics as Prometheus's text, named as its conventions want: with their unit, and `_total` for what is counted. */
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { type MetricData, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { prometheusName } from './instruments.js';

/** Collected when it is asked. */
export class ScrapedReader extends MetricReader {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return this.#serializer.serialize(withUnits(resourceMetrics));
  }

  protected override async onForceFlush(): Promise<void> {
    // Nothing is held back.
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
