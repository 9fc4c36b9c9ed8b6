/** What commonly keeps a command from starting, told from the error that it ended in. */
import type { Config } from '../config.js';
import { CommandError } from './faults.js';

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
  const message = listenFault(error, config) ?? databaseFault(error, config);
  return message === undefined ? error : new CommandError(message, { cause: error });
}

function listenFault(error: Facts, config: Config): string | undefined {
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

function databaseFault(error: Facts, { database }: Config): string | undefined {
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
