/** Structured logs in the form that Cloud Logging reads, with every field of a record kept out of them. */
import { Writable } from 'node:stream';
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

/**
 * What is still gathered when the process ends is written then: a pipe or file takes it at once.
 * @param mostBytes no more is written at a time, unless a single line is longer
 */
export function gatheredOutput(
  output: NodeJS.WritableStream,
  mostBytes = Infinity,
): NodeJS.WritableStream {
  let lines = '';
  let bytes = 0;
  const flush = () => {
    const text = lines;
    lines = '';
    bytes = 0;
    if (text !== '') output.write(text);
  };
  process.once('exit', flush);
  return new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      const added = mostBytes === Infinity ? 0 : Buffer.byteLength(line);
      if (bytes + added > mostBytes) flush();
      if (lines === '') setImmediate(flush);
      lines += line;
      bytes += added;
      done();
    },
  });
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

/** Where a line belongs in a distributed trace (W3C Trace Context). */
interface TraceFacts {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
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

/** Fields that hold nothing of a record by their making, and words that records have too. */
const ownFields = new Set(['httpRequest', 'serviceContext', 'labels']);

/** @see https://cloud.google.com/logging/docs/structured-logging#special-payload-fields */
function entryOf(
  facts: Readonly<Record<string, unknown>>,
  confidential: ReadonlySet<string>,
  traceProject: string | undefined,
): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  for (const key of Object.keys(facts)) {
    const value = facts[key];
    if (value === undefined) continue;
    if (key === 'labels') entry['logging.googleapis.com/labels'] = value;
    // The only caller that gives a fact of this name is http, with these parts.
    else if (key === 'trace') addTrace(entry, value as TraceFacts, traceProject);
    else entry[key] = ownFields.has(key) ? value : redacted(key, value, confidential);
  }
  return entry;
}

function addTrace(entry: Record<string, unknown>, trace: TraceFacts, project: string | undefined) {
  const { traceId, spanId, sampled } = trace;
  entry['logging.googleapis.com/trace'] =
    project === undefined ? traceId : `projects/${project}/traces/${traceId}`;
  entry['logging.googleapis.com/spanId'] = spanId;
  entry['logging.googleapis.com/trace_sampled'] = sampled;
}

function redacted(key: string, value: unknown, confidential: ReadonlySet<string>): unknown {
  if (confidential.has(key)) return '[redacted]';
  if (value instanceof Error) return errorFacts(value);
  if (Array.isArray(value)) return value.map((inner) => redacted('', inner, confidential));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redacted(name, inner, confidential)]),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Nothing else of an error: libraries hang the values on it that it is about. */
function errorFacts(error: Error): Readonly<Record<string, unknown>> {
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    message: messageOf(error),
    ...(code !== undefined && { code }),
    ...(error.cause instanceof Error && { cause: errorFacts(error.cause) }),
  };
}

/** A parser's message quotes the text that it could not read. */
function messageOf(error: Error): string {
  return error instanceof SyntaxError ? 'a text could not be parsed' : error.message;
}

/** The stack in the form that Error Reporting groups by: the error's, then those of its causes. */
function stackOf(facts: object): { readonly stack_trace?: string } {
  const error = 'error' in facts ? facts.error : undefined;
  return error instanceof Error ? { stack_trace: stackText(error) } : {};
}

function stackText(error: Error): string {
  // The message stands before the frames, over as many lines as it has.
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const own = [`${error.name}: ${messageOf(error)}`, ...frames].join('\n');
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackText(error.cause)}` : own;
}
