/** Structured logs in the form that Cloud Logging reads, with every field of a record kept out of them. */
import { pino } from 'pino';
import { entryOf, stackOf } from './log-entry.js';

export { confidentialNames } from './log-entry.js';

export interface Log {
  debug(facts: object, event: string): void;
  info(facts: object, event: string): void;
  warn(facts: object, event: string): void;
  error(facts: object, event: string): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** @see https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#logseverity */
const severities: Readonly<Record<string, string>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
};

export interface LogOptions {
  readonly level: LogLevel;
  /** Names that never reach a log, see `confidentialNames`. */
  readonly confidential: ReadonlySet<string>;
  readonly destination: NodeJS.WritableStream;
  /** The Google Cloud project whose traces the lines belong to. */
  readonly traceProject?: string | undefined;
  /** Which of several processes writes. */
  readonly worker?: number | undefined;
  /** What Error Reporting groups errors by. */
  readonly serviceContext?: { readonly service: string; readonly version: string };
}

export function createLog(options: LogOptions): Log {
  const { level, confidential, destination, traceProject, worker, serviceContext } = options;
  const lines = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ severity: severities[label] ?? 'DEFAULT' }),
        log: (facts) => entryOf(facts, confidential, traceProject),
      },
    },
    destination,
  );
  return {
    debug: (facts, event) => {
      lines.debug(facts, event);
    },
    info: (facts, event) => {
      lines.info(facts, event);
    },
    warn: (facts, event) => {
      lines.warn(facts, event);
    },
    error: (facts, event) => {
      lines.error({ ...facts, serviceContext, ...stackOf(facts) }, event);
    },
  };
}

/** The same lines for a person at a terminal; `pino-pretty` is loaded only then. */
export async function prettyDestination(
  output: NodeJS.WritableStream,
): Promise<NodeJS.WritableStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: output,
    colorize: true,
    singleLine: true,
    levelKey: 'severity',
    messageKey: 'message',
    timestampKey: 'timestamp',
    translateTime: 'HH:MM:ss',
    errorLikeObjectKeys: ['error'],
    ignore: 'serviceContext,logging\\.googleapis\\.com/labels',
  });
}
