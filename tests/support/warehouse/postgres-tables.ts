/** The warehouse's tables and views in PostgreSQL, so that their statements are run and not only read. */
import { readContract } from '../../../src/contract/contract.js';
import {
  deidentifiedQuery,
  keyTable,
  newKeysStatement,
} from '../../../src/warehouse/deidentified.js';
import {
  type Column,
  type Dialect,
  type WarehouseTable,
  record,
  tablesOf,
} from '../../../src/warehouse/table.js';
import { currentQuery } from '../../../src/warehouse/ddl.js';
import { type StatementDialect, createSqlWarehouse } from '../../../src/warehouse/sql-warehouse.js';
import type { Warehouse } from '../../../src/warehouse/warehouse.js';
import type { TestDatabase } from '../database.js';

const postgres: Dialect = {
  table: (name) => `warehouse.${name}`,
  // What is inside a composite needs parentheses.
  column: ([first = '', ...rest]) =>
    rest.reduce((outer, step) => `(${outer})."${step}"`, `${record}."${first}"`),
  matches: (text, pattern) => `${text} ~ '${pattern}'`,
  randomText: 'gen_random_uuid()::text',
};

const { collections } = readContract();
const idFields = collections.map(({ idField }) => idField);

const types: Readonly<Record<string, string>> = {
  STRING: 'text',
  INTEGER: 'bigint',
  FLOAT: 'double precision',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamptz',
};

export async function createTables(database: TestDatabase): Promise<void> {
  await database.query('create schema warehouse');
  for (const table of tablesOf(collections)) await createTable(database, table);
  await database.query(`create table warehouse.${keyTable} (id text primary key, surrogate text)`);
  for (const collection of collections) {
    const query = deidentifiedQuery(collection, idFields, postgres);
    await database.query(`create view warehouse.${collection.name}_deidentified as ${query}`);
  }
}

async function createTable(database: TestDatabase, table: WarehouseTable): Promise<void> {
  for (const { name, type, fields = [] } of table.schema) {
    if (type !== 'RECORD') continue;
    const columns = fields.map((field) => `"${field.name}" ${typeOf(field, table.table)}`);
    await database.query(`create type warehouse.${table.table}_${name} as (${columns.join(', ')})`);
  }
  const columns = table.schema.map(
    (column) =>
      `"${column.name}" ${typeOf(column, table.table)}${column.mode === 'REQUIRED' ? ' not null' : ''}`,
  );
  const key = `primary key (${table.primaryKey.join(', ')})`;
  await database.query(`create table warehouse.${table.table} (${[...columns, key].join(', ')})`);
  const current = currentQuery(table, postgres);
  await database.query(`create view warehouse.${table.table}_current as ${current}`);
}

function typeOf({ name, type, mode }: Column, table: string): string {
  const held = types[type] ?? `warehouse.${table}_${name}`;
  return mode === 'REPEATED' ? `${held}[]` : held;
}

/** Rows as an upsert of these records, JSON texts as the feed serves them, would make them. */
export async function upsert(
  database: TestDatabase,
  table: string,
  bodies: readonly string[],
): Promise<void> {
  const { idField = '' } = collections.find(({ name }) => name === table) ?? {};
  await database.query(
    `with gone as (
       delete from warehouse.${table} where ${idField} in
         (select value ->> '${idField}' from jsonb_array_elements($1::jsonb))
     ) select`,
    [`[${bodies.join(',')}]`],
  );
  await database.query(
    `insert into warehouse.${table}
     select * from jsonb_populate_recordset(null::warehouse.${table}, $1::jsonb)`,
    [`[${bodies.join(',')}]`],
  );
}

export async function giveKeys(database: TestDatabase): Promise<void> {
  await database.query(newKeysStatement(collections, postgres));
}

const statements: StatementDialect = {
  table: (name) => `warehouse.${name}`,
  micros: (time) => `(extract(epoch from ${time}) * 1000000)::bigint`,
  bucket: (number) => `width_bucket(${number}, $bounds::bigint[])`,
  isAmong: (value, parameter) =>
    `${value} = any ($${parameter}::${parameter === 'ids' ? 'text' : 'bigint'}[])`,
  md5Bits: (number, text) =>
    `('x0' || substr(md5(${number} || ' ' || ${text}), 1, 15))::bit(64)::bigint`,
  hexadecimal: (number) => `lpad(to_hex(${number}), 15, '0')`,
  json: (row) => `row_to_json(${row})::text`,
};

/** The generated statements, run by PostgreSQL. */
export function postgresWarehouse(database: TestDatabase): Warehouse {
  return createSqlWarehouse({
    tables: tablesOf(collections),
    dialect: statements,
    query: (text, parameters) => {
      const used = Object.entries(parameters).filter(([name]) => text.includes(`$${name}`));
      const numbered = used.reduce(
        (statement, [name], index) => statement.replaceAll(`$${name}`, `$${index + 1}`),
        text,
      );
      return database.query(
        numbered,
        used.map(([, value]) => value as unknown),
      );
    },
  });
}
