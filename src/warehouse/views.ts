/** The views that stand on a collection's table, as queries. */
import { type Dialect, record } from './dialect.js';
import type { WarehouseTable } from './table.js';

/** What way B adds to a record, under names that BigQuery does not keep for itself. */
export const logColumns = ['change_type', 'change_sequence_number'] as const;

/** The records that count: neither merged into another nor deleted. */
export function currentQuery({ table, schema }: WarehouseTable, dialect: Dialect): string {
  const names = schema.map(({ name }) => name);
  const conditions = [
    ...(names.includes('record_state') ? [`${dialect.column(['record_state'])} != 'merged'`] : []),
    ...(names.includes('deleted_ts') ? [`${dialect.column(['deleted_ts'])} IS NULL`] : []),
  ];
  return `SELECT
  ${names.map((name) => dialect.column([name])).join(',\n  ')}
FROM ${dialect.table(table)} AS ${record}
WHERE ${conditions.length === 0 ? 'TRUE' : conditions.join(' AND ')}
`;
}

/**
 * The latest message of each record in the log of way B. A sequence number is one to four hexadecimal sections, which
 * compare as numbers; the service's has two.
 * @see https://cloud.google.com/bigquery/docs/change-data-capture
 */
export function latestQuery({ table, schema, primaryKey }: WarehouseTable): string {
  const columns = schema.map(({ name }) => `\`${name}\``);
  const section = (place: number) =>
    `LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(${place})], '')), 16, '0') DESC`;
  return `SELECT
  ${columns.join(',\n  ')}
FROM \`\${dataset}.${table}_log\`
WHERE TRUE
QUALIFY change_type != 'DELETE' AND ROW_NUMBER() OVER (
  PARTITION BY \`${primaryKey[0]}\`
  ORDER BY ${section(0)}, ${section(1)}
) = 1
`;
}
