/** Any resource, however broken, is loaded or refused with a reason; what is loaded fits the contract. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { recordContentOf } from '../../src/contract/record-content.js';
import { demoResources } from '../../src/ingest/demo-data.js';
import type { Reject } from '../../src/ingest/import-report.js';
import { createImporter } from '../../src/ingest/importer.js';
import { broken } from './fhir/broken.js';
import { createMemoryStore, inputOf } from './memory-store.js';

const contract = readContract();
const checks = new Map(
  contract.collections.map((collection) => [collection.name, recordContentOf(collection)]),
);
const resources = [...demoResources()];

const anyResource = broken(fc.constantFrom(...resources)).map((resource) =>
  JSON.stringify(resource),
);

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
            expect(checks.get(collection)?.errors(content)).toEqual([]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
