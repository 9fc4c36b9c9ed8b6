/** Any resource, however broken, is loaded or refused with a reason; what is loaded fits the contract. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { recordContentOf } from '../../src/contract/record-content.js';
import { demoResources } from '../../src/import/demo-data.js';
import type { Reject } from '../../src/import/import-report.js';
import { createImporter } from '../../src/import/importer.js';
import { createMemoryStore, inputOf } from './memory-store.js';

const contract = readContract();
const checks = new Map(
  contract.collections.map((collection) => [collection.name, recordContentOf(collection)]),
);
const resources = [...demoResources()];

// What real exports get wrong, and what none should: each may stand in the place of any part of a resource.
const oddities = [
  ...[
    null,
    '',
    0,
    -0,
    1.5,
    1e300,
    true,
    [],
    {},
    [null],
    [[]],
    'Patient/x',
    'urn:uuid:x',
    '#x',
    '2026',
  ],
  ...[
    '2026-13-45T99:99:99Z',
    '2026-01-01T00:00:00.123456789Z',
    '\0',
    '\ud800',
    'x'.repeat(5000),
    'ä\n',
  ],
  ...[
    { modifierExtension: [{}] },
    { coding: [{ code: 'x' }] },
    [{ value: 1 }],
    { value: 5.4, comparator: '<' },
  ],
];
const names = [
  ...[
    'value',
    'valueQuantity',
    'valueRange',
    'valueString',
    'component',
    'contained',
    'specimen',
    'note',
  ],
  ...[
    'meta',
    'name',
    'link',
    'active',
    'participant',
    'period',
    'modifierExtension',
    'implicitRules',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasMember',
    'referenceRange',
    'interpretation',
    'focus',
  ],
];

const change = fc.record({
  steps: fc.array(fc.nat(30), { maxLength: 5 }),
  name: fc.option(fc.oneof(fc.constantFrom(...names), fc.string()), { nil: undefined }),
  value: fc.oneof(fc.constantFrom(...oddities), fc.jsonValue()),
});
interface Change {
  readonly steps: readonly number[];
  readonly name: string | undefined;
  readonly value: unknown;
}

const anyResource = fc
  .record({
    resource: fc.constantFrom(...resources),
    changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  })
  .map(({ resource, changes }) =>
    JSON.stringify(
      changes.reduce<unknown>(
        (whole, each) => changed(whole, structuredClone(each)),
        structuredClone(resource),
      ),
    ),
  );

/** Walks down by the steps, then puts the value there: under the name, or in the place of what it found. */
function changed(whole: unknown, { steps, name, value }: Change): unknown {
  const [step, ...rest] = steps;
  if (typeof whole !== 'object' || whole === null) return value;
  const keys = Object.keys(whole);
  const key = step === undefined ? (name ?? keys[0]) : keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return value;
  const part: unknown = Reflect.get(whole, key);
  const next = step === undefined ? value : changed(part, { steps: rest, name, value });
  Object.defineProperty(whole, key, {
    value: next,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return whole;
}

describe('any resource', () => {
  const memory = createMemoryStore();
  const importer = createImporter({ contract, store: memory.store, timeZone: 'UTC' });

  it('is loaded or rejected with a reason, and never ends the run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyResource, { minLength: 1, maxLength: 20 }), async (lines) => {
        const rejects: Reject[] = [];
        const report = await importer.run({
          inputs: [inputOf(lines.join('\n'))],
          source: 'ehr',
          onReject: (reject) => rejects.push(reject),
        });
        const read = Object.values(report.collections).reduce(
          (sum, counts) => sum + counts.read,
          0,
        );
        const skipped = Object.values(report.skipped).reduce((sum, count) => sum + count, 0);
        expect(read + skipped + report.rejected).toBeGreaterThanOrEqual(report.lines);
        expect(rejects.every(({ reason, rule }) => reason !== '' && rule.length > 0)).toBe(true);
        for (const { collection, ids } of memory.batches.splice(0)) {
          for (const id of ids) {
            const content: unknown = JSON.parse(memory.records.get(id)?.content ?? 'null');
            expect(checks.get(collection)?.faults(content)).toEqual([]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
