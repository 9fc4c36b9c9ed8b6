/** CSV files whose header names fields of a collection: each row becomes a line of JSON that the mapping reads. */
import { basename } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Collection, CollectionName } from '../../contract/collections.js';
import type { JsonSchema } from '../../contract/document.js';
import { typedId, visitTypes } from '../../contract/record-id.js';
import { type CsvRow, csvRows } from './csv-rows.js';
import type { Line } from './lines.js';

interface Contents {
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer>;
  readonly collections: readonly Collection[];
}

export async function* readCsv({
  name,
  bytes,
  collections,
}: Contents): AsyncGenerator<readonly Line[]> {
  const stem = basename(name).replace(/\.csv(?:\.gz)?$/i, '');
  const collection = collections.find((candidate) => candidate.name === stem);
  if (collection === undefined) {
    const names = collections.map((candidate) => `${candidate.name}.csv`).join(', ');
    yield [unreadable(1, `must be named after its collection: ${names}`)];
    // To the end all the same: the file's length and checksum are taken on the way.
    await pipeline(
      bytes,
      new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
      }),
    );
    return;
  }
  const read = createRowReader(collection);
  let isHeader = true;
  let isUnderstood = true;
  for await (const row of csvRows(bytes)) {
    if (!isUnderstood) continue;
    const line = 'kind' in row ? row : read(row);
    if (line !== undefined) yield [line];
    // A header that is not understood makes every row unreadable.
    isUnderstood = !isHeader || line === undefined;
    isHeader = false;
  }
}

function unreadable(number: number, reason: string): Line {
  return { kind: 'unreadable', number, rule: 'csv', reason };
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
function createRowReader(collection: Collection): (row: CsvRow) => Line | undefined {
  let columns: readonly Column[] | undefined;
  return ({ cells, number }) => {
    if (columns !== undefined) return rowLine(collection, columns, { cells, number });
    const found = cells.map((name) => columnOf(collection, name.trim()));
    const error = headerError(collection, cells, found);
    if (error !== undefined) return { kind: 'unreadable', number, rule: 'csv', reason: error };
    columns = found.filter((column) => column !== undefined);
    return undefined;
  };
}

/** Without the names that the file has: where there is no header, they are a patient's. */
function headerError(
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

/** The types of a row's own id, unless its `source_type` says another; the first where the id names none. */
const rowTypes: Readonly<Record<CollectionName, readonly string[]>> = {
  patients: ['Patient'],
  appointments: visitTypes,
  lab_results: ['Observation'],
};

function rowLine(
  collection: Collection,
  columns: readonly Column[],
  { cells, number }: CsvRow,
): Line {
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
  const { source_type: stated, [collection.idField]: written } = values;
  const types = typeof stated === 'string' ? [stated] : rowTypes[collection.name];
  const id = typeof written === 'string' ? written : '';
  const { type: resourceType, id: ownId } = typedId(id, types) ?? { type: types[0], id };
  const row = complete(collection, values);
  const text = JSON.stringify({ resourceType, id: ownId, row });
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
