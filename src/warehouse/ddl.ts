/** The files of generated/warehouse: tables as JSON for Terraform, tables and views as BigQuery statements. */
import type { Collection } from '../contract/collections.js';
import { deidentifiedQuery, keyTable, newKeysStatement } from './deidentified.js';
import {
  bigQuery,
  type Column,
  type ColumnType,
  type Dialect,
  record,
  tablesOf,
  type WarehouseTable,
} from './table.js';

interface WarehouseFile {
  readonly name: string;
  readonly text: string;
}

export function warehouseFiles(collections: readonly Collection[]): readonly WarehouseFile[] {
  const idFields = collections.map(({ idField }) => idField);
  const tables = tablesOf(collections);
  const files = collections.flatMap((collection, index) => {
    const table = tables[index];
    if (table === undefined) return [];
    const { name } = collection;
    return [
      { name: `${name}.bigquery.json`, text: `${JSON.stringify(table, null, 2)}\n` },
      { name: `${name}.ddl.sql`, text: written(ddl(collection, idFields, table)) },
      { name: `${name}.latest.sql`, text: written(latestQuery(table)) },
      { name: `${name}.current.sql`, text: written(currentQuery(table, bigQuery)) },
      {
        name: `${name}.deidentified.sql`,
        text: written(deidentifiedQuery(collection, idFields, bigQuery)),
      },
    ];
  });
  const keys = `CREATE TABLE IF NOT EXISTS ${bigQuery.table(keyTable)} (
  id STRING NOT NULL OPTIONS (description = "Id of a record, of any collection"),
  surrogate STRING NOT NULL OPTIONS (description = "Random, made once, and made from nothing"),
  PRIMARY KEY (id) NOT ENFORCED
);
`;
  return [
    ...files,
    { name: `${keyTable}.ddl.sql`, text: written(keys) },
    { name: `${keyTable}.new.sql`, text: written(newKeysStatement(collections, bigQuery)) },
  ];
}

function written(statement: string): string {
  return `-- Written by \`npm run generate\` from the contract. \${dataset} stands for project.dataset.\n${statement}`;
}

function ddl(collection: Collection, idFields: readonly string[], table: WarehouseTable): string {
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
  const inner =
    type === 'RECORD'
      ? `STRUCT<${fields.map((field) => `\`${field.name}\` ${sqlType(field)}`).join(', ')}>`
      : sqlTypes[type];
  return mode === 'REPEATED' ? `ARRAY<${inner}>` : inner;
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

function commented(statement: string): string {
  return statement.replace(/^(?=.)/gm, '-- ');
}

/** What way B adds to a record, under names that BigQuery does not keep for itself. */
const logColumns = ['change_type', 'change_sequence_number'] as const;

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
function latestQuery({ table, schema, primaryKey }: WarehouseTable): string {
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
