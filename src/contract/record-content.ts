/** Checks a record's content against the contract and writes it as the JSON text that will be served. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Collection } from './collections.js';
import { addFormats } from './formats.js';
import { jsonText } from './json-text.js';
import { addLengths } from './length.js';

export interface Fault {
  /** JSON pointer into the record (RFC 6901), empty for the whole. */
  readonly pointer: string;
  /** What the contract asks for there, without the value that was found. */
  readonly rule: string;
}

export interface RecordContent {
  /** What does not fit; nothing when the content may be stored. */
  faults(content: unknown): readonly Fault[];
  /** JSON text with the contract's fields in the contract's order. */
  serialise(content: Readonly<Record<string, unknown>>): string;
}

export function recordContentOf({ contentSchema, contentFields }: Collection): RecordContent {
  // Faults are rare and a defect in one field must not hide another's, so all are looked for.
  const ajv = addFormats(
    addLengths(new Ajv2020({ allErrors: true, strict: false, validateFormats: true })),
  );
  const validate: ValidateFunction = ajv.compile(contentSchema);
  const keys = contentFields.map((field, index): readonly [string, string] => [
    field,
    `${index === 0 ? '{' : ','}${JSON.stringify(field)}:`,
  ]);
  return {
    faults: (content) => (validate(content) ? [] : (validate.errors ?? []).map(faultOf)),
    serialise(content) {
      let text = '';
      for (const [field, key] of keys) text += key + jsonText(content[field]);
      return text === '' ? '{}' : `${text}}`;
    },
  };
}

function faultOf({ instancePath, keyword, params, message }: ErrorObject): Fault {
  const missing: unknown = keyword === 'required' ? params.missingProperty : undefined;
  return typeof missing === 'string'
    ? { pointer: `${instancePath}/${missing}`, rule: 'is required' }
    : { pointer: instancePath, rule: message ?? keyword };
}
