/** A pool of connections to one PostgreSQL, and the errors that it can end in. */
import type { NamedStatement, Statement } from './statement.js';
import pg from 'pg';
import type { Log } from '../log.js';
import { queryUndecoded, UndecodedClient, type UndecodedRow } from './undecoded-rows.js';

export interface Database {
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<readonly Row[]>;
  /** Runs a named statement whose plan is the same whatever its values are; its rows are left as they came. */
  read(statement: NamedStatement): Promise<readonly UndecodedRow[]>;
  /** Runs `work` on one connection inside one READ COMMITTED transaction; for a snapshot REPEATABLE READ. */
  transaction<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result>;
  snapshot<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result>;
  /** Runs `work` on a connection that is closed afterwards, its temporary tables with it. */
  session<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result>;
  pools(): readonly PoolState[];
  close(): Promise<void>;
}

/** The connections of one pool. */
export interface PoolState {
  readonly name: string;
  readonly used: number;
  readonly idle: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
  readonly max: number;
}

/** Runs a statement or a transaction, and takes note of it under a name that holds no values. */
export type ObserveStatement = <Result>(
  name: string,
  run: () => Promise<Result>,
) => Promise<Result>;

/** PostgreSQL refused a statement. Its own words may quote a record, so only the code is kept. */
class DatabaseError extends Error {
  constructor(
    /** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
    readonly sqlState: string,
    routine: string | undefined,
  ) {
    super(`PostgreSQL answered ${sqlState}${routine === undefined ? '' : ` in ${routine}`}`);
    this.name = 'DatabaseError';
  }
}

/** PostgreSQL cannot be reached or takes no work at present; the same call may succeed later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log: Log;
  readonly connections?: number;
  readonly observe?: ObserveStatement | undefined;
}

const connectTimeoutMs = 5_000;
/** What requests wait for is prepared and short: a server that says nothing for so long is taken for gone. */
const preparedTimeoutMs = 10_000;
const statementTimeoutMs = 60_000;

const unobserved: ObserveStatement = (_name, run) => run();

export function openDatabase(databaseOptions: DatabaseOptions): Database {
  const { url, log, connections = 10, observe = unobserved } = databaseOptions;
  const options = {
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: 'hospital-streaming-api',
  };
  const pool = new pg.Pool(options);
  const readers = new pg.Pool({ ...options, Client: UndecodedClient, verify: prepareReader });
  for (const each of [pool, readers]) {
    each.on('connect', (client) => client.on('error', ignoreError));
    each.on('error', (error) => {
      log.warn({ error: translateError(error) }, 'an idle database connection was lost');
    });
  }
  return {
    query: (statement) => observe(statement.name ?? 'query', () => rowsOf(pool, statement)),
    read: (statement) =>
      observe(statement.name, () =>
        queryUndecoded(readers, statement, preparedTimeoutMs).catch(rethrow),
      ),
    transaction: (work) => observe('transaction', () => transaction(pool, work)),
    snapshot: (work) => observe('snapshot', () => transaction(pool, work, 'repeatable read')),
    session: (work) => observe('session', () => session(pool, work)),
    pools: () => [stateOf('work', pool), stateOf('read', readers)],
    close: async () => {
      await Promise.all([pool.end(), readers.end()]);
    },
  };
}

function stateOf(
  name: string,
  { totalCount, idleCount, waitingCount, options: { max } }: pg.Pool,
): PoolState {
  return { name, used: totalCount - idleCount, idle: idleCount, waiting: waitingCount, max: max };
}

/**
 * Left to itself PostgreSQL plans each page anew, since it does not know the limit beforehand, and takes longer over
 * it than over reading the page. What is read is a range of an index in its order, whatever the statistics say.
 * Exported for the tests of plans.
 */
export const readerSettings =
  'set plan_cache_mode = force_generic_plan; set jit = off; set enable_sort = off; set enable_bitmapscan = off';

function prepareReader(client: pg.PoolClient, done: (error?: Error) => void): void {
  client.query(readerSettings).then(() => {
    done();
  }, done);
}

async function rowsOf<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  { name, text, values = [] }: Statement,
): Promise<readonly Row[]> {
  const prepared = name !== undefined && { name, query_timeout: preparedTimeoutMs };
  const statement = { text, values: [...values], ...prepared };
  const result = await pool.query<Row>(statement).catch(rethrow);
  return result.rows;
}

async function session<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect().catch(rethrow);
  try {
    return await work(client).catch(rethrow);
  } finally {
    client.release(true);
  }
}

async function transaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  isolation = 'read committed',
): Promise<Result> {
  const client = await pool.connect().catch(rethrow);
  try {
    await client.query(`begin isolation level ${isolation}`);
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection in an unknown state is not given back: closing it rolls back.
    client.release(true);
    throw translateError(error);
  }
}

/** The statement under way reports that its connection is lost; without a listener the event would end the process. */
const ignoreError = () => undefined;

function rethrow(error: unknown): never {
  throw translateError(error);
}

/** Classes of SQLSTATE that say "not now" rather than "wrong". */
const transientStates = /^(?:08|53|55000|57P0|57014|58030)/;

function translateError(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    const refusal = new DatabaseError(error.code ?? 'no code', error.routine);
    return transientStates.test(refusal.sqlState)
      ? new StoreUnavailable(refusal.message, { cause: refusal })
      : refusal;
  }
  if (error instanceof Error && isConnectionError(error)) {
    return new StoreUnavailable('PostgreSQL cannot be reached', { cause: error });
  }
  return error;
}

function isConnectionError(error: Error): boolean {
  return (
    ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) ||
    /terminated|timeout|not queryable|connection error/i.test(error.message)
  );
}

export function partitionOf(collection: string): string {
  return pg.escapeIdentifier(`record_${collection}`);
}
