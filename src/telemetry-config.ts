/** What the service tells of itself, as the settings say it. */
import type { Values } from './settings.js';

export interface TelemetryConfig {
  readonly serviceName: string;
  readonly traceProject: string | undefined;
}

export function telemetryOf(values: Values): TelemetryConfig {
  return { serviceName: values.OTEL_SERVICE_NAME, traceProject: values.TRACE_PROJECT };
}
