/** The settings of what is recorded: the access audit, and metrics and traces for a collector. */
import type { databaseSettings } from './database.js';
import {
  boolean,
  type ConfigContext,
  type Setting,
  type ValuesOf,
  wholeNumber,
} from './setting.js';

export const auditLogs = ['postgres', 'stdout', 'both', 'off'] as const;

export const auditSettings = {
  AUDIT_LOG: {
    meaning:
      'Where each access is recorded before its answer leaves: in PostgreSQL, chained and append only; on standard output, as lines with the label `log: audit`, which hold record ids; in both; or, with a warning at every start in production, nowhere.',
    wanted: '"postgres", "stdout", "both" or "off"',
    example: 'both',
    default: 'postgres',
    parse: (text) => auditLogs.find((log) => log === text),
  } satisfies Setting<(typeof auditLogs)[number]>,
  AUDIT_REQUIRED: {
    meaning: 'A request whose access cannot be recorded gets 503; `false` answers it all the same.',
    wanted: '"true" or "false"',
    example: 'false',
    default: true,
    parse: boolean,
  } satisfies Setting<boolean>,
  AUDIT_ANCHOR: {
    meaning:
      'Where the newest hash of the audit in PostgreSQL is kept every hour, out of the reach of the database’s owner: a file that lines are added to, or a folder of a bucket.',
    wanted: 'a path, or gs://bucket/folder',
    example: 'gs://hospital-audit/anchors',
    default: undefined,
    parse: (text) =>
      text.startsWith('gs:')
        ? /^gs:\/\/[a-z0-9][a-z0-9._-]+\/.*[^/]$/.test(text)
          ? text
          : undefined
        : text,
  } satisfies Setting<string | undefined>,
  AUDIT_KEEP_MONTHS: {
    meaning:
      'Months of the audit that `hospital-api audit prune` leaves; 72 are the six years of HIPAA.',
    wanted: 'a whole number from 1 to 1200',
    example: '120',
    default: 72,
    parse: wholeNumber(1, 1_200),
  } satisfies Setting<number>,
};

export interface AuditConfig {
  readonly postgres: boolean;
  readonly stdout: boolean;
  /** Whether a request fails that cannot be recorded. */
  readonly required: boolean;
  /** A path, or `gs://bucket/folder`. */
  readonly anchor: string | undefined;
  readonly keepMonths: number;
}

export function auditOf(
  values: ValuesOf<typeof auditSettings & typeof databaseSettings>,
  { production, warnings }: ConfigContext,
): AuditConfig {
  const { AUDIT_LOG: log, AUDIT_ANCHOR: anchor } = values;
  const postgres = log === 'postgres' || log === 'both';
  if (production && log === 'off') {
    warnings.push('nobody records who reads which records, as AUDIT_LOG=off asks for');
  }
  if (production && postgres && anchor === undefined) {
    warnings.push(
      'a cut or rebuilt audit would not show: set AUDIT_ANCHOR to a file or bucket that the database’s owner cannot write',
    );
  }
  if (production && postgres && values.DATABASE_MIGRATION_URL === undefined) {
    warnings.push(
      'the service’s role may change the audit: set DATABASE_MIGRATION_URL to an owner of the schema, and DATABASE_URL to another role',
    );
  }
  return {
    postgres,
    stdout: log === 'stdout' || log === 'both',
    required: values.AUDIT_REQUIRED,
    anchor,
    keepMonths: values.AUDIT_KEEP_MONTHS,
  };
}

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
  /** Of the requests whose caller decided nothing, from 0 to 1. */
  readonly tracedShare: number;
}

export function telemetryOf(values: ValuesOf<typeof telemetrySettings>): TelemetryConfig {
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
            tracedShare: values.OTEL_TRACES_SAMPLER_ARG,
          },
  };
}
