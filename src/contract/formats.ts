/** The formats of the contract, as strict as the RFCs that it names. */
import ajvFormats from 'ajv-formats';
import { Ajv2020, type Options } from 'ajv/dist/2020.js';

// RFC 3339 with an upper-case T, at most six fraction digits and no leap second, and an offset of at most 14 hours as in
// FHIR; ajv-formats also takes a space, `:60` and any number of digits, which neither PostgreSQL nor the clients read alike.
const dateTime =
  /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))$/;
const date = /^\d{4}-\d{2}-\d{2}$/;

export function isDateTime(text: string): boolean {
  return dateTime.test(text) && isDayOfCalendar(text);
}

/** A `full-date` of RFC 3339: a day that the Gregorian calendar has. */
export function isDate(text: string): boolean {
  return date.test(text) && isDayOfCalendar(text);
}

export function addFormats<Instance extends Ajv2020>(ajv: Instance): Instance {
  ajvFormats.default(ajv, { mode: 'full' });
  ajv.addFormat('date-time', isDateTime);
  ajv.addFormat('date', isDate);
  return ajv;
}

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const february = 2;

/** Every record's dates come through here, so no Date is made of them. */
function isDayOfCalendar(text: string): boolean {
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (month === february && day === 29) return isLeapYear(text);
  return day >= 1 && day <= (daysOfMonth[month - 1] ?? 0);
}

function isLeapYear(text: string): boolean {
  const century = twoDigits(text, 0);
  const year = twoDigits(text, 2);
  return year === 0 ? century % 4 === 0 : year % 4 === 0;
}

function twoDigits(text: string, at: number): number {
  const zero = 0x30;
  return (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero;
}

/** The contract is linted where it is made: its schemas are not held against their own here. */
export function quickAjv(options: Options = {}): Ajv2020 {
  return addFormats(new Ajv2020({ strict: false, validateSchema: false, meta: false, ...options }));
}
