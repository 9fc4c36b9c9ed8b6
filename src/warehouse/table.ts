/** The BigQuery table of a collection, derived from its record's schema. */
import type { Collection } from '../contract/collections.js';
import type { JsonSchema } from '../contract/document.js';

/** As the BigQuery API names types and modes. */
export type ColumnType =
  'STRING' | 'INTEGER' | 'FLOAT' | 'BOOLEAN' | 'DATE' | 'TIMESTAMP' | 'RECORD';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly mode: 'REQUIRED' | 'NULLABLE' | 'REPEATED';
  readonly description: string;
  /** Which policy tag protects it: the field's `x-phi`, unless that is `none`. */
  readonly policyTag?: string;
  readonly fields?: readonly Column[];
}

export interface WarehouseTable {
  /** The collection's name. */
  readonly table: string;
  readonly description: string;
  readonly schema: readonly Column[];
  /** Not enforced by BigQuery; what an upsert replaces a row by. */
  readonly primaryKey: readonly [string];
  readonly clustering: readonly string[];
}

/** BigQuery's limits. */
const longestDescription = 1024;
const mostClusteringColumns = 4;

/** @throws Error when the contract has a type that no column can hold */
export function tablesOf(collections: readonly Collection[]): readonly WarehouseTable[] {
  const ids = collections.map(({ idField }) => idField);
  return collections.map(({ name, idField, recordSchema }) => {
    const schema = columnsOf(recordSchema, name);
    const references = schema.map((column) => column.name).filter((field) => ids.includes(field));
    return {
      table: name,
      description: shortened(wordsOf(recordSchema)),
      schema,
      primaryKey: [idField],
      clustering: [...new Set([idField, ...references])].slice(0, mostClusteringColumns),
    };
  });
}

function columnsOf({ properties, required }: JsonSchema, place: string): readonly Column[] {
  return Object.entries(properties ?? {}).map(([name, property]) =>
    columnOf({ name, property, place: `${place}.${name}`, isRequired: required?.includes(name) }),
  );
}

interface Field {
  readonly name: string;
  readonly property: JsonSchema;
  /** For messages. */
  readonly place: string;
  readonly isRequired: boolean | undefined;
}

function columnOf({ name, property, place, isRequired = false }: Field): Column {
  const types = typesOf(property);
  const isNullable = types.includes('null');
  const isArray = types.includes('array');
  if (isArray && isNullable) {
    throw new Error(
      `${place} may be null or an array; a table has no null array, only an empty one`,
    );
  }
  const inner = isArray ? (property.items ?? {}) : property;
  const type = columnType(inner, place);
  const phi = property['x-phi'];
  return {
    name,
    type,
    mode: isArray ? 'REPEATED' : isRequired && !isNullable ? 'REQUIRED' : 'NULLABLE',
    description: shortened(wordsOf(property)),
    // Tags stand on what holds a value, so an object's fields have their own.
    ...(typeof phi === 'string' && phi !== 'none' && type !== 'RECORD' && { policyTag: phi }),
    ...(type === 'RECORD' && { fields: columnsOf(inner, place) }),
  };
}

function columnType(schema: JsonSchema, place: string): ColumnType {
  const types = typesOf(schema).filter((type) => type !== 'null');
  const [type] = types;
  if (type === undefined || types.length > 1) {
    throw new Error(`${place} needs exactly one type beside null to become a column`);
  }
  if (type === 'string') return textTypes[String(schema.format)] ?? 'STRING';
  const found = otherTypes[type];
  if (found === undefined) throw new Error(`${place}: no column holds ${type} inside array`);
  return found;
}

const textTypes: Readonly<Record<string, ColumnType>> = { date: 'DATE', 'date-time': 'TIMESTAMP' };

const otherTypes: Readonly<Record<string, ColumnType>> = {
  integer: 'INTEGER',
  number: 'FLOAT',
  boolean: 'BOOLEAN',
  object: 'RECORD',
};

function typesOf({ type }: JsonSchema): readonly string[] {
  return typeof type === 'string' ? [type] : (type ?? []);
}

function wordsOf({ description }: JsonSchema): string {
  return typeof description === 'string' ? description.trim() : '';
}

function shortened(text: string): string {
  return text.length <= longestDescription ? text : `${text.slice(0, longestDescription - 1)}…`;
}

export interface Dialect {
  /** A table or view, by its name in the warehouse. */
  table(name: string): string;
  /** A column of the record, or a field of a column that is an object. */
  column(path: readonly string[]): string;
  /** Whether a text fits a regular expression. */
  matches(text: string, pattern: string): string;
  /** A text that is random and stands nowhere else. */
  readonly randomText: string;
}

/** The name under which a view speaks of the row that it reads. */
export const record = 'record';

/** In the files `${dataset}` stands for `project.dataset`. */
export const bigQuery = {
  table: (name) => `\`\${dataset}.${name}\``,
  column: (path) => [record, ...path].map((step) => `\`${step}\``).join('.'),
  matches: (text, pattern) => `REGEXP_CONTAINS(${text}, r'${pattern}')`,
  randomText: 'GENERATE_UUID()',
} as const satisfies Dialect;
