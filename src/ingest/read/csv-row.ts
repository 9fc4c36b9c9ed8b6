/** A row of CSV as values of the contract's fields, by the types that the contract gives them. */
import type { Collection } from '../../contract/collections.js';
import type { JsonSchema } from '../../contract/document.js';
import { rowTypes } from '../fhir/map-row.js';
import type { Line } from './line.js';

/** A row of cells, and the line of the file on which it ends. */
export interface CsvRow {
  readonly cells: readonly string[];
  readonly number: number;
}

type Values = Record<string, unknown>;

interface Column {
  readonly field: string;
  /** The property inside a field that is an object, written `address.city`. */
  readonly property: string | undefined;
  readonly schema: JsonSchema;
}

// The load says the source, and the audit columns are the service's; neither is a column.
const ownFields: ReadonlySet<string> = new Set(['source', 'source_id']);

/** Reads the header first, then row by row; nothing for the header itself. */
export function createRowReader(collection: Collection): (row: CsvRow) => Line | undefined {
  let columns: readonly Column[] | undefined;
  return ({ cells, number }) => {
    if (columns !== undefined) return rowLine(collection, columns, { cells, number });
    const found = cells.map((name) => columnOf(collection, name.trim()));
    const fault = headerFault(collection, cells, found);
    if (fault !== undefined) return { kind: 'unreadable', number, rule: 'csv', reason: fault };
    columns = found.filter((column) => column !== undefined);
    return undefined;
  };
}

/** Without the names that the file has: where there is no header, they are a patient's. */
function headerFault(
  { name, idField }: Collection,
  cells: readonly string[],
  columns: readonly (Column | undefined)[],
): string | undefined {
  const unknown = columns.indexOf(undefined);
  if (unknown >= 0)
    return `must begin with a header of fields: column ${unknown + 1} is none of ${name}`;
  const names = new Set(cells.map((cell) => cell.trim()));
  if (names.size < cells.length) return 'must name each field once in its header';
  const missing = [idField, 'patient_id'].find((field) => !names.has(field));
  return missing === undefined ? undefined : `must have a column ${missing}`;
}

function columnOf({ contentSchema }: Collection, name: string): Column | undefined {
  const [field = '', property] = name.split('.');
  const schema = ownFields.has(field) ? undefined : contentSchema.properties?.[field];
  if (schema === undefined || property === undefined) {
    return schema && schema.properties === undefined ? { field, property, schema } : undefined;
  }
  const inside = schema.properties?.[property];
  return inside && { field, property, schema: inside };
}

function rowLine(collection: Collection, columns: readonly Column[], row: CsvRow): Line {
  const { cells, number } = row;
  if (cells.length !== columns.length) {
    const reason = `must have ${columns.length} cells, as the header has`;
    return { kind: 'unreadable', number, rule: 'csv', reason };
  }
  const values: Values = {};
  for (const [index, { field, property, schema }] of columns.entries()) {
    const value = valueOf(cells[index] ?? '', schema);
    if (property === undefined) values[field] = value;
    else values[field] = withProperty(values[field], property, value);
  }
  keepDigits(columns, cells, values);
  const resourceType = values.source_type ?? rowTypes[collection.name];
  const text = JSON.stringify({
    ...{ resourceType, id: values[collection.idField] ?? '' },
    row: complete(collection, values),
  });
  return { kind: 'text', number, text };
}

/** The digits of a value or of its bound as they are in the file, which a number would lose. */
function keepDigits(columns: readonly Column[], cells: readonly string[], values: Values): void {
  for (const name of ['value_number', 'value_limit']) {
    const cell = cells[columns.findIndex(({ field }) => field === name)]?.trim() ?? '';
    if (cell !== '') values.value_text ??= cell;
  }
}

function withProperty(object: unknown, property: string, value: unknown): unknown {
  return { ...(object as object | undefined), [property]: value };
}

/** Every field stated: null or an empty list where the file has no column for it. */
function complete({ contentFields, contentSchema }: Collection, values: Values): Values {
  const all = contentFields.map((field) => {
    const schema = contentSchema.properties?.[field] ?? {};
    const value = values[field] ?? emptyOf(schema);
    return [field, isObject(value) ? completeObject(schema, value) : value] as const;
  });
  return Object.fromEntries(all);
}

/** An object of which nothing is known is none. */
function completeObject({ properties = {} }: JsonSchema, value: Values): Values | null {
  const all = Object.entries(properties).map(
    ([name, schema]) => [name, value[name] ?? emptyOf(schema)] as const,
  );
  const isEmpty = all.every(
    ([, each]) => each === null || (Array.isArray(each) && each.length === 0),
  );
  return isEmpty ? null : Object.fromEntries(all);
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typesOf({ type }: JsonSchema): readonly string[] {
  return [type ?? []].flat();
}

function emptyOf(schema: JsonSchema): null | readonly never[] {
  return typesOf(schema).includes('array') ? [] : null;
}

/** Text of no form, in which spaces at the ends may mean something. */
function isFreeText(schema: JsonSchema): boolean {
  const isText = typesOf(schema).includes('string');
  return isText && ['pattern', 'format', 'enum'].every((keyword) => !(keyword in schema));
}

const number = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What is not of its type stays text, so that the contract's check refuses or counts it. */
function valueOf(written: string, schema: JsonSchema): unknown {
  const cell = written.trim();
  if (cell === '') return emptyOf(schema);
  if (isFreeText(schema)) return written;
  const types = typesOf(schema);
  if (types.includes('array'))
    return cell
      .split(';')
      .map((entry) => entry.trim())
      .filter(Boolean);
  if (types.includes('boolean')) {
    const word = cell.toLowerCase();
    return word === 'true' || word === 'false' ? word === 'true' : cell;
  }
  return types.includes('number') && number.test(cell) ? Number(cell) : cell;
}
