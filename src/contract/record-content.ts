/** Checks a record's content against the contract and writes it as the JSON text that will be served. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Collection, CollectionName, ContentOf } from './collections.js';
import { addFormats } from './formats.js';

export interface ContentError {
  /** JSON pointer into the record (RFC 6901), empty for the whole. */
  readonly pointer: string;
  /** What the contract asks for there, without the value that was found. */
  readonly rule: string;
}

export interface RecordContent {
  /** What does not fit; nothing when the content may be stored. */
  errors(content: unknown): readonly ContentError[];
  /** JSON text with the contract's fields in the contract's order. */
  serialise(content: Readonly<Record<string, unknown>>): string;
}

export function recordContentOf({ contentSchema, contentFields }: Collection): RecordContent {
  // Errors are rare and a defect in one field must not hide another's, so all are looked for.
  const ajv = addFormats(
    addLengths(new Ajv2020({ allErrors: true, strict: false, validateFormats: true })),
  );
  const validate: ValidateFunction = ajv.compile(contentSchema);
  const keys = contentFields.map((field, index): readonly [string, string] => [
    field,
    `${index === 0 ? '{' : ','}${JSON.stringify(field)}:`,
  ]);
  return {
    errors: (content) => (validate(content) ? [] : (validate.errors ?? []).map(errorOf)),
    serialise(content) {
      let text = '';
      for (const [field, key] of keys) text += key + jsonText(content[field]);
      return text === '' ? '{}' : `${text}}`;
    },
  };
}

function errorOf({ instancePath, keyword, params, message }: ErrorObject): ContentError {
  const missing: unknown = keyword === 'required' ? params.missingProperty : undefined;
  return typeof missing === 'string'
    ? { pointer: `${instancePath}/${missing}`, rule: 'is required' }
    : { pointer: instancePath, rule: message ?? keyword };
}

// All but what stands for itself: controls, the quotation mark, the backslash, and surrogates, since half a pair is escaped.
const escaped = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** What `JSON.stringify` gives for any value that JSON has; null for one that is not there. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return escaped.test(value) ? JSON.stringify(value) : `"${value}"`;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (value === null || value === undefined) return 'null';
  return JSON.stringify(value);
}

/**
 * JSON Schema counts code points, of which a text has at most as many as UTF-16 units, and at least half as many.
 * @see JSON Schema Validation 2020-12 section 6.3
 */
export function addLengths<Instance extends Ajv2020>(ajv: Instance): Instance {
  ajv.removeKeyword('maxLength').removeKeyword('minLength');
  ajv.addKeyword({
    keyword: 'maxLength',
    type: 'string',
    schemaType: 'number',
    compile: (limit: number) => (text: string) =>
      text.length <= limit || (text.length <= 2 * limit && charactersIn(text) <= limit),
    error: { message: ({ schema }) => `must NOT have more than ${String(schema)} characters` },
  });
  ajv.addKeyword({
    keyword: 'minLength',
    type: 'string',
    schemaType: 'number',
    compile: (limit: number) => (text: string) =>
      text.length >= 2 * limit || (text.length >= limit && charactersIn(text) >= limit),
    error: { message: ({ schema }) => `must NOT have fewer than ${String(schema)} characters` },
  });
  return ajv;
}

/** Code points; half a surrogate pair counts as one. */
function charactersIn(text: string): number {
  return Array.from(text).length;
}

// As of a result that was entered in error: which test it was stays, what was measured goes.
export const withoutResult = {
  value_number: null,
  value_comparator: null,
  value_limit: null,
  value_text: null,
  value_code: null,
  value_system: null,
  unit: null,
  unit_code: null,
  absent_reason: null,
  interpretation_codes: [],
  note: null,
} satisfies Partial<ContentOf<'lab_results'>>;

/** JSON text of a content in, JSON text of the same fields in the same order out. */
export function retractedContent(collection: CollectionName): (content: string) => string {
  if (collection !== 'lab_results') return (content) => content;
  return (content) =>
    JSON.stringify({ ...(JSON.parse(content) as ContentOf<'lab_results'>), ...withoutResult });
}
