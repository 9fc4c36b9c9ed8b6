/** The rows of the access audit: written in groups, read in the order of their chains or of time. */
import { type Database, type DatabaseOptions, openDatabase } from '../database.js';

export interface AuditRow {
  readonly chain: string;
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  readonly discloses: string | undefined;
  /** JSON text, so without line feeds. */
  readonly event: string;
  /** Hexadecimal. */
  readonly hash: string;
}

export interface AuditTable {
  /** Rows of one chain and one time that follow one another; all are on disk once it resolves, or none. */
  append(rows: readonly AuditRow[]): Promise<void>;
  close(): Promise<void>;
}

/** On a connection of its own: what else the service does never keeps an answer waiting for its record. */
export function openAuditTable(options: Omit<DatabaseOptions, 'connections'>): AuditTable {
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
  { chain, seq, at }: AuditRow,
  rows: readonly AuditRow[],
): Promise<void> {
  // Lines rather than arrays, whose text would have to be escaped.
  const lines = (valueOf: (row: AuditRow) => string) => rows.map(valueOf).join('\n');
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
