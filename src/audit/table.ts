/** The part of the store that keeps the access audit. */
import pg from 'pg';
import { type Database, type DatabaseOptions, openDatabase } from '../db/database.js';
import { type AuditReading, auditReadingOn } from './reading.js';
import type { Link } from './chain.js';

export interface AuditStore extends AuditTable, AuditReading {
  /** Under the role that migrates. */
  prune(options: PruneOptions): Promise<readonly string[]>;
}

export function openAuditStore(
  database: Database,
  { migrationUrl, ...options }: DatabaseOptions & { readonly migrationUrl?: string | undefined },
): AuditStore {
  return {
    ...openAuditTable(options),
    ...auditReadingOn(database),
    prune: (months) => pruneAudit(migrationUrl ?? options.url, months),
  };
}

interface AuditTable {
  /** Rows of one chain and one time that follow one another; all are on disk once it resolves, or none. */
  append(rows: readonly Link[]): Promise<void>;
  close(): Promise<void>;
}

/** On a connection of its own: what else the service does never keeps an answer waiting for its record. */
function openAuditTable(options: Omit<DatabaseOptions, 'connections'>): AuditTable {
  const database = openDatabase({ ...options, connections: 1 });
  let month = '';
  return {
    append: async (rows) => {
      const [first] = rows;
      if (first === undefined) return;
      const rowsMonth = first.at.slice(0, 7);
      if (rowsMonth !== month) await makePartitions(database, first.at);
      month = rowsMonth;
      await insert(database, first, rows);
    },
    close: () => database.close(),
  };
}

async function makePartitions(database: Database, at: string): Promise<void> {
  await database.query({ text: 'select audit_partitions($1)', values: [at] });
}

async function insert(
  database: Database,
  { chain, seq, at }: Link,
  rows: readonly Link[],
): Promise<void> {
  // Lines rather than arrays, whose text would have to be escaped.
  const lines = (valueOf: (row: Link) => string) => rows.map(valueOf).join('\n');
  await database.query({
    name: 'audit',
    text: `insert into audit (chain, seq, at, discloses, event, hash)
      select $1::uuid, $2::bigint + n - 1, $3::timestamptz, nullif(discloses, ''), event, decode(hash, 'hex')
      from rows from (
        string_to_table($4, e'\\n'), string_to_table($5, e'\\n'), string_to_table($6, e'\\n')
      ) with ordinality as line (discloses, event, hash, n)`,
    values: [
      ...[chain, seq, at, lines(({ discloses }) => discloses ?? '')],
      ...[lines(({ event }) => event), lines(({ hash }) => hash)],
    ],
  });
}

interface DroppedHead {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

interface PruneOptions {
  /** The first month that stays, such as `2020-01`. */
  readonly before: string;
  /** The last links of a month, before it goes. */
  readonly anchorHeads: (month: string, heads: readonly DroppedHead[]) => Promise<void>;
}

/**
 * @param url of the role that owns the table
 * @returns the months that were dropped, the oldest first
 */
async function pruneAudit(
  url: string,
  { before, anchorHeads }: PruneOptions,
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const months = (await monthsOf(client)).filter((month) => month < before);
    for (const month of months) await dropMonth(client, month, anchorHeads);
    return months;
  } finally {
    await client.end();
  }
}

async function monthsOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ month: string }>(
    `select replace(substr(relname, 7), '_', '-') as month
     from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'audit'::regclass order by month`,
  );
  return rows.map(({ month }) => month);
}

async function dropMonth(
  client: pg.Client,
  month: string,
  keepHeads: PruneOptions['anchorHeads'],
): Promise<void> {
  const table = pg.escapeIdentifier(`audit_${month.replace('-', '_')}`);
  await client.query('begin');
  const { rows } = await client.query<{ chain: string; seq: string; hash: string }>(
    `select distinct on (chain) chain, seq, encode(hash, 'hex') as hash
     from ${table} order by chain, seq desc`,
  );
  await keepHeads(
    month,
    rows.map((row) => ({ ...row, seq: Number(row.seq) })),
  );
  await client.query(
    `insert into audit_pruned (chain, seq, hash, month)
     select distinct on (chain) chain, seq, hash, $1 from ${table} order by chain, seq desc`,
    [month],
  );
  await client.query(`drop table ${table}`);
  await client.query('commit');
}
