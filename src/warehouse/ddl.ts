/** The tables and views of a collection as statements of BigQuery's data definition language. */
import type { Collection } from '../contract/collections.js';
import { deidentifiedQuery } from './deidentified.js';
import { bigQuery } from './dialect.js';
import type { Column, ColumnType, WarehouseTable } from './table.js';
import { currentQuery, latestQuery, logColumns } from './views.js';

const sqlTypes: Readonly<Record<Exclude<ColumnType, 'RECORD'>, string>> = {
  STRING: 'STRING',
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
};

/** `STRUCT<city STRING>`, `ARRAY<STRING>`. */
export function sqlType({ type, mode, fields = [] }: Column): string {
  const held =
    type === 'RECORD'
      ? `STRUCT<${fields.map((field) => `\`${field.name}\` ${sqlType(field)}`).join(', ')}>`
      : sqlTypes[type];
  return mode === 'REPEATED' ? `ARRAY<${held}>` : held;
}

export function columnDefinition(column: Column): string {
  const required = column.mode === 'REQUIRED' ? ' NOT NULL' : '';
  return `\`${column.name}\` ${sqlType(column)}${required} OPTIONS (description = ${quoted(column.description)})`;
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}

function tableStatement({ table, description, schema, primaryKey, clustering }: WarehouseTable) {
  const columns = schema.map(columnDefinition).join(',\n  ');
  return `CREATE TABLE IF NOT EXISTS \`\${dataset}.${table}\` (
  ${columns},
  PRIMARY KEY (\`${primaryKey.join('`, `')}\`) NOT ENFORCED
)
CLUSTER BY \`${clustering.join('`, `')}\`
OPTIONS (description = ${quoted(description)}, max_staleness = INTERVAL 15 MINUTE);
`;
}

function logStatement({ table, schema }: WarehouseTable): string {
  const columns = [
    ...schema.map(columnDefinition),
    ...logColumns.map((name) => `\`${name}\` STRING NOT NULL`),
  ].join(',\n  ');
  return `CREATE TABLE IF NOT EXISTS \`\${dataset}.${table}_log\` (
  ${columns}
)
PARTITION BY _PARTITIONDATE
OPTIONS (description = "Every message of ${table}, as it came");
`;
}

export function ddl(
  collection: Collection,
  idFields: readonly string[],
  table: WarehouseTable,
): string {
  const view = (name: string, query: string) =>
    `CREATE OR REPLACE VIEW \`\${dataset}.${name}\` AS\n${query.trimEnd()};\n`;
  return [
    '-- Way A: the table that a BigQuery subscription keeps by upserts.',
    tableStatement(table),
    '-- Way B: the log that Dataflow appends to, and in place of the table a view of its latest state.',
    logStatement(table),
    commented(view(table.table, latestQuery(table))),
    '-- Either way: what analysts read.',
    view(`${table.table}_current`, currentQuery(table, bigQuery)),
    view(`${table.table}_deidentified`, deidentifiedQuery(collection, idFields, bigQuery)),
  ].join('\n');
}

function commented(statement: string): string {
  return statement.replace(/^(?=.)/gm, '-- ');
}
