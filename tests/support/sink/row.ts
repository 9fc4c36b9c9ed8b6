/** A message as a row: what BigQuery's `use_table_schema` without `drop_unknown_fields` takes, and nothing else. */
import type { Column, ColumnType } from '../../../src/warehouse/table.js';

export type Row = Readonly<Record<string, unknown>>;

/** @throws Error that names the first column that does not fit */
export function checkRow(row: Row, columns: readonly Column[], place = ''): void {
  const unknown = Object.keys(row).find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined) throw new Error(`no such field: ${place}${unknown}`);
  for (const column of columns) {
    const at = `${place}${column.name}`;
    const value = row[column.name];
    if (column.mode === 'REPEATED') {
      if (!Array.isArray(value)) throw new Error(`${at} is REPEATED and no array`);
      for (const item of value) checkValue(item, column, at);
    } else if (value === undefined || value === null) {
      if (column.mode === 'REQUIRED') throw new Error(`missing required field: ${at}`);
    } else {
      checkValue(value, column, at);
    }
  }
}

function checkValue(value: unknown, { type, fields = [] }: Column, at: string): void {
  if (type === 'RECORD') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Error(`${at} is no RECORD`);
    }
    checkRow(value as Row, fields, `${at}.`);
    return;
  }
  if (!fits[type](value)) throw new Error(`${at} is no ${type}`);
}

const date = /^\d{4}-\d\d-\d\d$/;
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;

/** Texts for dates and times: as a number the same would be read as microseconds or days. */
const fits: Readonly<Record<Exclude<ColumnType, 'RECORD'>, (value: unknown) => boolean>> = {
  STRING: (value) => typeof value === 'string',
  INTEGER: (value) => Number.isSafeInteger(value),
  FLOAT: (value) => typeof value === 'number',
  BOOLEAN: (value) => typeof value === 'boolean',
  DATE: (value) => typeof value === 'string' && date.test(value) && isDay(value),
  TIMESTAMP: (value) => typeof value === 'string' && timestamp.test(value) && isDay(value),
};

function isDay(text: string): boolean {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
}
