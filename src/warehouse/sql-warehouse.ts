/** A warehouse that is queried by SQL, whichever engine answers. */
import type { WarehouseTable } from './table.js';
import type { PositionRange, Warehouse } from './warehouse.js';

interface Parameters {
  readonly bounds?: readonly number[];
  readonly buckets?: readonly number[];
  readonly ids?: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

export interface SqlWarehouseOptions {
  readonly tables: readonly WarehouseTable[];
  readonly dialect: StatementDialect;
  readonly query: (text: string, parameters: Parameters) => Promise<readonly Row[]>;
  readonly close?: () => Promise<void>;
}

const emptyDigest = { count: 0, digest: '0'.repeat(15) };

export function createSqlWarehouse(options: SqlWarehouseOptions): Warehouse {
  const { dialect, query, close = () => Promise.resolve() } = options;
  const tableOf = (name: string) => {
    const table = options.tables.find((candidate) => candidate.table === name);
    if (table === undefined) throw new Error(`the contract has no collection ${name}`);
    return table;
  };
  return {
    async digests(name, ranges) {
      const { bounds, buckets } = bucketsOf(ranges);
      const rows = await query(digestsStatement(tableOf(name), dialect), { bounds, buckets });
      const found = new Map(
        rows.map(({ bucket, count, digest }) => [
          Number(bucket),
          { count: Number(count), digest: String(digest) },
        ]),
      );
      return buckets.map((bucket) => found.get(bucket) ?? emptyDigest);
    },
    async entries(name, ranges) {
      const rows = await query(entriesStatement(tableOf(name), dialect), bucketsOf(ranges));
      return rows.map(({ id, position }) => ({ id: String(id), position: Number(position) }));
    },
    async rows(name, ids) {
      const rows = await query(rowsStatement(tableOf(name), dialect), { ids });
      return rows.map(({ body }) => JSON.parse(String(body)) as Row);
    },
    close,
  };
}

/** Stretches that do not overlap, as the buckets between their bounds. */
function bucketsOf(ranges: readonly PositionRange[]) {
  const ends = ranges.flatMap(({ from, to }) => (to === undefined ? [from] : [from, to]));
  const bounds = [...new Set(ends)].sort((one, other) => one - other);
  return { bounds, buckets: ranges.map(({ from }) => bounds.indexOf(from) + 1) };
}

export interface BigQueryOptions {
  readonly projectId: string;
  readonly dataset: string;
  /** Where the dataset is, such as `us-central1`. */
  readonly location: string | undefined;
  readonly tables: SqlWarehouseOptions['tables'];
}

export async function openBigQuery(options: BigQueryOptions): Promise<Warehouse> {
  const { projectId, dataset, location, tables } = options;
  const { BigQuery } = await import('@google-cloud/bigquery');
  const client = new BigQuery({ projectId });
  return createSqlWarehouse({
    tables,
    dialect: bigQueryStatements(`${projectId}.${dataset}`),
    query: async (query, parameters) => {
      const [rows] = await client.query({
        query,
        // Queries do not take that of the client.
        ...(location !== undefined && { location }),
        params: parameters,
        // An empty array does not show its type.
        types: Object.fromEntries(
          Object.keys(parameters).map((name) => [name, [name === 'ids' ? 'STRING' : 'INT64']]),
        ),
      });
      return rows as readonly Record<string, unknown>[];
    },
  });
}

function bigQueryStatements(dataset: string): StatementDialect {
  return {
    table: (name) => `\`${dataset}.${name}\``,
    micros: (time) => `UNIX_MICROS(${time})`,
    bucket: (number) => `RANGE_BUCKET(${number}, @bounds)`,
    isAmong: (value, parameter) => `${value} IN UNNEST(@${parameter})`,
    md5Bits: (number, text) =>
      `CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(CONCAT(CAST(${number} AS STRING), ' ', ${text}))), 1, 15)) AS INT64)`,
    hexadecimal: (number) => `LPAD(FORMAT('%x', ${number}), 15, '0')`,
    json: (row) => `TO_JSON_STRING(${row})`,
  };
}

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
function digestsStatement(table: WarehouseTable, dialect: StatementDialect): string {
  const bits = dialect.md5Bits('position', 'id');
  return `SELECT bucket, COUNT(*) AS count, ${dialect.hexadecimal('BIT_XOR(bits)')} AS digest
FROM (SELECT bucket, ${bits} AS bits FROM (${positioned(table, dialect)}) AS placed) AS summed
WHERE ${dialect.isAmong('bucket', 'buckets')}
GROUP BY bucket`;
}

/** Parameters: `bounds`, `buckets`. Rows: `id`, `position`. */
function entriesStatement(table: WarehouseTable, dialect: StatementDialect): string {
  return `SELECT id, position FROM (${positioned(table, dialect)}) AS placed
WHERE ${dialect.isAmong('bucket', 'buckets')}`;
}

/** Parameters: `ids`. Rows: `body`. */
function rowsStatement({ table, primaryKey }: WarehouseTable, dialect: StatementDialect): string {
  return `SELECT ${dialect.json('record')} AS body FROM ${dialect.table(table)} AS record
WHERE ${dialect.isAmong(`record.${primaryKey[0]}`, 'ids')}`;
}

function positioned({ table, primaryKey }: WarehouseTable, dialect: StatementDialect): string {
  const position = dialect.micros('updated_ts');
  return `SELECT ${primaryKey[0]} AS id, ${position} AS position, ${dialect.bucket(position)} AS bucket
  FROM ${dialect.table(table)}`;
}
