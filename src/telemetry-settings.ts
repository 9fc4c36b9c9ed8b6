/** The settings of what the service tells of itself: names in logs, metrics, traces. */
import type { Setting } from './setting.js';

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
};
