/**
 * Resources built from the structure of FHIR R4, whole and broken: none ends the run, each is loaded or refused with a
 * reason, and what is loaded fits the contract. `npm run lab -- torture:resources` builds 20,000; the suite fewer.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../../src/contract/contract.js';
import { addFormats } from '../../../src/contract/formats.js';
import { broken } from './broken.js';
import { mapped, validator } from './mapped.js';
import { wholeResource } from './r4.js';

const count = Number(process.env.RESOURCES ?? '1000');
const timeoutMs = 20_000 + count * 10;

// The check as any reader of the contract would make it, without what makes the import's own fast.
const validators = new Map<string, ValidateFunction>(
  readContract().collections.map(({ name, contentSchema }) => [
    name,
    addFormats(new Ajv2020({ strict: false })).compile(contentSchema),
  ]),
);

/** The rules by which it was refused; throws where what is loaded does not fit, or a refusal has no reason. */
function load(resource: object): readonly string[] {
  return mapped(JSON.stringify(resource)).flatMap((mapping) => {
    const outcome = mapping.kind === 'record' ? validator.validate(mapping) : mapping;
    if (outcome.kind === 'rejected') {
      expect(outcome.reason).toMatch(/^must |^is required/);
      return [outcome.rule];
    }
    if (outcome.kind !== 'valid' || mapping.kind !== 'record') return [];
    const validate = validators.get(mapping.collection);
    const content: unknown = JSON.parse(outcome.record.content);
    if (validate?.(content) !== true) throw new Error(JSON.stringify(validate?.errors));
    return [];
  });
}

describe('a resource built from the structure of FHIR R4', () => {
  it(
    'is never refused for its structure when it is whole',
    () => {
      const known = new Set(['contract']);
      fc.assert(
        fc.property(wholeResource, (resource) => {
          expect(load(resource).filter((rule) => !known.has(rule))).toEqual([]);
        }),
        { numRuns: count / 2 },
      );
    },
    timeoutMs,
  );

  it(
    'is loaded or refused with a reason when it is broken',
    () => {
      fc.assert(
        fc.property(broken(wholeResource), (resource) => {
          load(resource);
        }),
        { numRuns: count / 2 },
      );
    },
    timeoutMs,
  );
});
