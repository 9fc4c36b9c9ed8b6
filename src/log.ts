/** Structured logs in the form that Cloud Logging reads, with every field of a record kept out of them. */
import { pino } from 'pino';
import type { Contract } from './contract/contract.js';

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

interface LogOptions {
  readonly level: LogLevel;
  /** Names that never reach a log, see `confidentialNames`. */
  readonly confidential: ReadonlySet<string>;
  readonly destination: NodeJS.WritableStream;
}

export function createLog({ level, confidential, destination }: LogOptions): Log {
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ severity: severities[label] ?? 'DEFAULT' }),
        log: (facts) => redact(facts, confidential),
      },
    },
    destination,
  );
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
  });
}

/**
 * The fields that the contract marks as anything but `x-phi: none`, and the headers that carry keys.
 * A log line that needs a word of these for itself, such as `status`, keeps it in `httpRequest`.
 */
export function confidentialNames({ document, collections }: Contract): ReadonlySet<string> {
  const fields = collections.flatMap(({ contentSchema }) =>
    Object.entries(contentSchema.properties ?? {}).flatMap(([name, { ['x-phi']: phi }]) =>
      phi === 'none' ? [] : [name],
    ),
  );
  const headers = Object.values(document.components.securitySchemes).flatMap(({ name }) =>
    name === undefined ? [] : [name.toLowerCase()],
  );
  return new Set([...fields, ...headers, 'authorization', 'cookie']);
}

function redact(facts: Readonly<Record<string, unknown>>, confidential: ReadonlySet<string>) {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]): [string, unknown] => {
      if (key === 'httpRequest' || value instanceof Error) return [key, value];
      if (confidential.has(key)) return [key, '[redacted]'];
      return [key, isPlain(value) ? redact(value, confidential) : value];
    }),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
