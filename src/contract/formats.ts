/** The formats of the contract, as strict as the RFCs that it names. */
import type { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';

// RFC 3339 with an upper-case T, at most six fraction digits and no leap second; ajv-formats also takes a space,
// `:60` and any number of digits, which neither PostgreSQL nor the clients read alike.
const dateTime =
  /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

export function isDateTime(text: string): boolean {
  return dateTime.test(text) && isDate(text.slice(0, 10));
}

function isDate(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

export function addFormats<Instance extends Ajv2020>(ajv: Instance): Instance {
  ajvFormats.default(ajv, { mode: 'full' });
  ajv.addFormat('date-time', isDateTime);
  return ajv;
}
