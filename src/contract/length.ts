/** `minLength` and `maxLength` without counting the characters of texts whose UTF-16 units already decide. */
import type { Ajv2020 } from 'ajv/dist/2020.js';

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
