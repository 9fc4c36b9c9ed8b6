/** What a command says, and with which status it ends, when it cannot go on. */
import { WorkerError } from '../cluster/worker-error.js';
import { type Config, ConfigError } from '../config/config.js';
import { UnsafeStoreError } from '../db/durability.js';
import { EmbeddedError } from '../db/embedded/program.js';
import { ImportError } from '../ingest/read/lines.js';
import { KeysError } from '../security/key-owner.js';

/** `EX_CONFIG` of sysexits.h: an operator has to change something before it can work. */
export const configurationStatus = 78;

/** Why a command cannot go on, in one line that says what would be right. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export async function endOnError(work: () => Promise<void>): Promise<void> {
  surviveClosedOutput();
  try {
    await work();
  } catch (error) {
    const message = messageOf(error);
    if (message !== '') process.stderr.write(`${message}\n`);
    process.exit(statusOf(error));
  }
}

function statusOf(error: unknown): number {
  if (error instanceof WorkerError) return error.status ?? 1;
  return isConfiguration(error) ? configurationStatus : 1;
}

function isConfiguration(error: unknown): error is Error {
  return [ConfigError, KeysError, EmbeddedError, UnsafeStoreError].some(
    (known) => error instanceof known,
  );
}

function messageOf(error: unknown): string {
  if (isConfiguration(error)) return error.message;
  if (error instanceof CommandError || error instanceof ImportError) return error.message;
  if (error instanceof WorkerError) return error.message;
  if (error instanceof Error) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return `hospital-api could not go on: ${error.message}${cause}`;
  }
  return `hospital-api could not go on: ${String(error)}`;
}

/** The parts that errors of sockets, look-ups, TLS and PostgreSQL have in common. */
interface Facts {
  readonly message: string;
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly hostname?: unknown;
  readonly port?: unknown;
  readonly cause?: unknown;
  /** Only PostgreSQL's own errors have one. */
  readonly severity?: unknown;
}

/** The same error where nothing better can be said. */
export function explained(error: unknown, config: Config): unknown {
  if (!(error instanceof Error)) return error;
  const message = listenError(error, config) ?? databaseError(error, config);
  return message === undefined ? error : new CommandError(message, { cause: error });
}

function listenError(error: Facts, config: Config): string | undefined {
  const { syscall, code, hostname } = error;
  const { metrics } = config.telemetry;
  const isOfMetrics = metrics !== undefined && isAt(metrics, error) && !isAt(config, error);
  const { host, port } = isOfMetrics ? metrics : config;
  const prefix = isOfMetrics ? 'METRICS_' : '';
  if (syscall === 'getaddrinfo' && hostname === host) {
    return `the address ${host} is unknown: set ${prefix}HOST to one of this machine`;
  }
  // Workers listen by the process that started them, which binds the port for all.
  if (syscall !== 'listen' && syscall !== 'bind') return undefined;
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${host} is taken: end what listens there, or set ${prefix}PORT to another (0 takes a free one)`;
  }
  if (code === 'EACCES') {
    return `port ${port} may not be listened on by this user: set ${prefix}PORT to one above 1023`;
  }
  return `${host}:${port} cannot be listened on (${String(code)}): set ${prefix}HOST to an address of this machine`;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A look-up that fails tells the name, a socket that cannot listen the port. */
function isAt({ host, port }: Place, error: Facts): boolean {
  return error.hostname === host || error.port === port;
}

function databaseError(error: Facts, { database }: Config): string | undefined {
  if (database.kind !== 'url') return undefined;
  const settings =
    database.migrationUrl === undefined ? 'DATABASE_URL' : 'DATABASE_URL or DATABASE_MIGRATION_URL';
  const urls = [
    database.url,
    ...(database.migrationUrl === undefined ? [] : [database.migrationUrl]),
  ];
  const places = [...new Set(urls.map(placeOf))].join(' or ');
  const refusal = refusalOf(error);
  if (refusal !== undefined) {
    return `PostgreSQL at ${places} refuses (${refusal}): correct ${settings}, or grant what is missing`;
  }
  const reason = unreachableReason(error);
  if (reason === undefined) return undefined;
  return `PostgreSQL at ${places} cannot be reached (${reason}): start it, or correct ${settings}`;
}

/** Host and port only: never the user's name or the password. */
function placeOf(text: string): string {
  const url = new URL(text);
  const host = url.searchParams.get('host') ?? url.hostname;
  const port = url.searchParams.get('port') ?? url.port;
  return `${host === '' ? 'localhost' : host}:${port === '' ? '5432' : port}`;
}

/** Before a record is read PostgreSQL's words quote nothing but names of the operator's own. */
function refusalOf({ severity, code, message }: Facts): string | undefined {
  return severity === undefined ? undefined : `${String(code)}, ${message}`;
}

function unreachableReason(error: Facts): string | undefined {
  const { code, syscall, message, cause } = error;
  if (cause instanceof Error && error.message === 'PostgreSQL cannot be reached') {
    return unreachableReason(cause) ?? cause.message;
  }
  if (typeof code === 'string' && ['connect', 'getaddrinfo', 'read'].includes(String(syscall))) {
    return code;
  }
  // Every address of a host that has several was tried.
  if (error instanceof AggregateError && typeof code === 'string') return code;
  if (typeof code === 'string' && /CERT|TLS|SSL|LEAF_SIGNATURE/.test(code)) return message;
  return /timeout|terminated|SSL/.test(message) ? message : undefined;
}

/** `| head` closes a pipe and a terminal may vanish: neither ends a command that still has work. */
export function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
