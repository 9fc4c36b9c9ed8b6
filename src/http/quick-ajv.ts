/** Ajv as the service's own contract needs it: schemas compile while a client waits, so in the least time they can. */
import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import { addFormats } from '../contract/formats.js';

/** The contract is linted where it is made: its schemas are not held against their own here. */
export function quickAjv(options: Options = {}): Ajv2020 {
  return addFormats(new Ajv2020({ strict: false, validateSchema: false, meta: false, ...options }));
}
