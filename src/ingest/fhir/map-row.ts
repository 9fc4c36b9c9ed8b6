/** A row of a hospital's own table → a record: the fields as they are, the ids made the service's. */
import type { CollectionName } from '../../contract/collections.js';
import { withoutResult } from '../../contract/record-content.js';
import { recordId, typedId, visitTypes } from '../../contract/record-id.js';
import { localDay, timestamp, wholeDate } from './data-types.js';
import {
  type Defect,
  type Mapping,
  type MappingContext,
  rejected,
  type ResourceFields,
} from './mapping.js';
import { isStatusOf, unknownStatus } from './statuses.js';

type Row = Readonly<Record<string, unknown>>;

/** The types that a field may name, the first where it names none. */
const typesOfLink: Readonly<Record<string, readonly string[]>> = {
  patient_id: ['Patient'],
  replaced_by_patient_id: ['Patient'],
  appointment_id: visitTypes,
  booking_id: ['Appointment'],
  panel_id: ['Observation'],
};
const idFields: Readonly<Record<CollectionName, string>> = {
  patients: 'patient_id',
  appointments: 'appointment_id',
  lab_results: 'lab_result_id',
};

/** The resource that the CSV reader makes of a row: `{ resourceType, id, row }`, each field stated. */
export function mapRow(
  { resourceType, id }: ResourceFields,
  row: Row,
  { source, dayOf }: MappingContext,
): readonly Mapping[] {
  const collection = collectionOf(row);
  if (collection === undefined) return [noRow('/row', 'must be a row of a collection')];
  const type = textOf(resourceType);
  if (id === '' || type === null) return [noRow(`/row/${idFields[collection]}`, 'must be there')];
  const isRetracted = row.status === 'entered-in-error';
  const error = isRetracted ? undefined : errorOf(row);
  if (error !== undefined) return [noRow(`/row/${error.field}`, error.reason)];
  const value = 'value_text' in row ? rowValue(row) : undefined;
  const content = {
    ...withTimes(row, dayOf),
    ...value?.fields,
    ...linksOf(row, source),
    [idFields[collection]]: recordId(source, type, String(id)),
    ...{ source, source_type: type, source_id: String(id) },
  };
  const lost = isRetracted && collection === 'lab_results' ? withoutResult : {};
  const mapped = {
    kind: 'record',
    collection,
    id: recordId(source, type, String(id)),
    patientId: String(Reflect.get(content, 'patient_id')),
    recordState: stateOf(row, isRetracted),
    content: { ...content, ...lost },
    defects: isRetracted ? [] : (value?.defects ?? []),
  };
  // Its fields are the contract's, whose check the record has still to pass.
  return [mapped as unknown as Mapping];

  function noRow(pointer: string, reason: string): Mapping {
    return collection === undefined
      ? { kind: 'rejected', rule: 'csv', pointer, reason }
      : rejected(collection, 'csv', pointer, reason);
  }
}

/** Each collection has an id field that the others have not, but for references to it. */
function collectionOf(row: Row): CollectionName | undefined {
  if ('lab_result_id' in row) return 'lab_results';
  if ('booking_id' in row) return 'appointments';
  return 'dob' in row ? 'patients' : undefined;
}

function stateOf(row: Row, isRetracted: boolean): 'active' | 'merged' | 'retracted' {
  if (isRetracted) return 'retracted';
  return textOf(row.replaced_by_patient_id) === null ? 'active' : 'merged';
}

/** `17` is an id of the type that the field means, `Encounter/17` of the type that it says. */
function linksOf(row: Row, source: string): Row {
  const links = Object.entries(typesOfLink).flatMap(([field, types]) => {
    const written = textOf(row[field]);
    if (written === null) return [];
    const { type, id } = typedId(written, types) ?? { type: types[0] ?? '', id: written };
    return [[field, recordId(source, type, id)] as const];
  });
  return Object.fromEntries(links);
}

const times: readonly (readonly [field: string, text: string])[] = [
  ['deceased_ts', 'deceased_text'],
  ['start_ts', 'start_text'],
  ['end_ts', 'end_text'],
  ['collected_ts', 'collected_text'],
];

/** Dates known in part are kept in the text fields; a text that only repeats the date needs no column of its own. */
function withTimes(row: Row, dayOf: MappingContext['dayOf']): Row {
  const found: Record<string, unknown> = { ...row };
  for (const [field, text] of times) {
    const written = textOf(row[field]);
    if (written === null) continue;
    found[field] = timestamp(written);
    found[text] = row[text] ?? written;
  }
  const dob = textOf(row.dob);
  if (dob !== null) Object.assign(found, { dob: wholeDate(dob), dob_text: row.dob_text ?? dob });
  if ('date' in row) {
    const start = textOf(row.start_ts) ?? textOf(row.start_text);
    found.date = row.date ?? localDay(start ?? undefined, dayOf);
  }
  if ('deceased' in row) found.deceased = row.deceased ?? (timeOfDeath(row) === null ? null : true);
  return found;
}

/** Who has a time of death is dead, whether or not the row says so. */
function timeOfDeath({ deceased_ts: time, deceased_text: text }: Row): string | null {
  return textOf(time) ?? textOf(text);
}

/** Many a table has visits and bookings in one. */
const visitStatuses = ['Appointment', 'Encounter'] as const;

/** What of a row contradicts itself, so that nobody can tell what it means. */
function errorOf(row: Row): ReturnType<typeof valueError> {
  const status = textOf(row.status);
  const types = 'lab_result_id' in row ? (['Observation'] as const) : visitStatuses;
  if (status !== null && !isStatusOf(types, status))
    return { field: 'status', reason: unknownStatus };
  return row.deceased === false && timeOfDeath(row) !== null
    ? { field: 'deceased', reason: 'must not be false beside a time of death' }
    : valueError(row);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

type CellRow = Readonly<Record<string, unknown>>;

interface RowValue {
  readonly fields: CellRow;
  readonly defects: readonly Defect[];
}

/** Why nobody can tell what the number of a row is: the field, and what would be right. */
function valueError(row: CellRow): { readonly field: string; readonly reason: string } | undefined {
  const { value_comparator: comparator, value_limit: limit, value_number: number } = row;
  if (typeof limit !== 'number') return undefined;
  if (isAbsent(comparator)) {
    return { field: 'value_comparator', reason: 'must say which way value_limit bounds' };
  }
  return typeof number === 'number' && number !== limit
    ? { field: 'value_number', reason: 'must be absent beside a bound' }
    : undefined;
}

/** A number with a comparator is a bound, not a measurement (FHIR R4 datatypes.html, Quantity.comparator). */
function rowValue(row: CellRow): RowValue {
  const { value_comparator: comparator, value_limit: limit, value_number: measured } = row;
  const number = measured ?? limit ?? null;
  const digits = isAbsent(row.value_text) ? number : row.value_text;
  if (isAbsent(comparator)) return { fields: { value_text: cellText(digits) }, defects: [] };
  if (typeof number !== 'number' && !isDecimal(digits)) {
    const defects = [{ field: 'value_comparator', rule: 'must stand beside a number' }];
    return { fields: { value_comparator: null, value_text: cellText(digits) }, defects };
  }
  const text = cellText(digits);
  return {
    fields: {
      value_number: null,
      value_limit: number,
      // The number alone would read as a measurement.
      value_text: isDecimal(digits) && text !== null ? `${String(comparator)}${text}` : text,
    },
    defects: [],
  };
}

const decimal = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function isDecimal(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && decimal.test(value));
}

function cellText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : null;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
