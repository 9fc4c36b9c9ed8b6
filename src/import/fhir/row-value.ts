/** The value of a lab result's row, as a Quantity of the same cells would have it. */
import type { Defect } from './mapping.js';

type Row = Readonly<Record<string, unknown>>;

interface RowValue {
  readonly fields: Row;
  readonly defects: readonly Defect[];
}

/** Why nobody can tell what the number of a row is: the field, and what would be right. */
export function valueFault(
  row: Row,
): { readonly field: string; readonly reason: string } | undefined {
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
export function rowValue(row: Row): RowValue {
  const { value_comparator: comparator, value_limit: limit, value_number: measured } = row;
  const number = measured ?? limit ?? null;
  const digits = isAbsent(row.value_text) ? number : row.value_text;
  if (isAbsent(comparator)) return { fields: { value_text: textOf(digits) }, defects: [] };
  if (typeof number !== 'number' && !isDecimal(digits)) {
    const defects = [{ field: 'value_comparator', rule: 'must stand beside a number' }];
    return { fields: { value_comparator: null, value_text: textOf(digits) }, defects };
  }
  const text = textOf(digits);
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

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : null;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
