/** The statements by which reconciling reads a table; each is one, whatever the table's size. */
import type { WarehouseTable } from './table.js';

/** How an engine says what the statements need beside plain SQL. */
export interface StatementDialect {
  table(name: string): string;
  /** A time as microseconds since 1970. */
  micros(time: string): string;
  /** How many of the parameter `bounds`, in rising order, are not above a number. */
  bucket(number: string): string;
  /** Whether a value is among those of a parameter that is an array. */
  isAmong(value: string, parameter: 'buckets' | 'ids'): string;
  /** The first 60 bits of the MD5 sum of a number, a blank and a text, as a number. */
  md5Bits(number: string, text: string): string;
  /** A number in 15 hexadecimal digits. */
  hexadecimal(number: string): string;
  /** The row of that name as JSON text, as its message had it. */
  json(row: string): string;
}

/** Parameters: `bounds`, `buckets`. Rows: `bucket`, `count`, `digest`; none for a bucket without rows. */
export function digestsStatement(table: WarehouseTable, dialect: StatementDialect): string {
  const bits = dialect.md5Bits('position', 'id');
  return `SELECT bucket, COUNT(*) AS count, ${dialect.hexadecimal('BIT_XOR(bits)')} AS digest
FROM (SELECT bucket, ${bits} AS bits FROM (${placed(table, dialect)}) AS placed) AS summed
WHERE ${dialect.isAmong('bucket', 'buckets')}
GROUP BY bucket`;
}

/** Parameters: `bounds`, `buckets`. Rows: `id`, `position`. */
export function entriesStatement(table: WarehouseTable, dialect: StatementDialect): string {
  return `SELECT id, position FROM (${placed(table, dialect)}) AS placed
WHERE ${dialect.isAmong('bucket', 'buckets')}`;
}

/** Parameters: `ids`. Rows: `body`. */
export function rowsStatement(
  { table, primaryKey }: WarehouseTable,
  dialect: StatementDialect,
): string {
  return `SELECT ${dialect.json('record')} AS body FROM ${dialect.table(table)} AS record
WHERE ${dialect.isAmong(`record.${primaryKey[0]}`, 'ids')}`;
}

function placed({ table, primaryKey }: WarehouseTable, dialect: StatementDialect): string {
  const position = dialect.micros('updated_ts');
  return `SELECT ${primaryKey[0]} AS id, ${position} AS position, ${dialect.bucket(position)} AS bucket
  FROM ${dialect.table(table)}`;
}
