/** The warehouse in BigQuery; its client is loaded when it is needed. */
import { type SqlWarehouseOptions, createSqlWarehouse } from './sql-warehouse.js';
import type { StatementDialect } from './statements.js';
import type { Warehouse } from './warehouse.js';

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
        // An empty array does not tell of what.
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
