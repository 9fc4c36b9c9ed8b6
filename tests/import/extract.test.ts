/** A hospital's whole extract through the mapping, where the folder beside the project holds one. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { createImporter } from '../../src/ingest/importer.js';
import { findInputs } from '../../src/ingest/read/read-input.js';
import { createMemoryStore } from './memory-store.js';

const folder = fileURLToPath(new URL('../../../shared/data/fhir', import.meta.url));
const isThere = existsSync(folder);
const name = isThere ? 'an extract' : `an extract (skipped: there is no ${folder})`;

describe.skipIf(!isThere)(name, () => {
  it('gives a record for each resource, nothing rejected or left out', async () => {
    const memory = createMemoryStore();
    const options = { contract: readContract(), store: memory.store, timeZone: 'America/New_York' };
    const run = async () =>
      createImporter(options).run({
        inputs: await findInputs([folder], readContract()),
        source: 'ehr',
      });
    const first = await run();
    const second = await run();
    const none = { created: 0, updated: 0, unchanged: 0, older: 0, rejected: 0 };
    expect(first).toMatchObject({
      collections: {
        patients: { ...none, read: 50, created: 50 },
        appointments: { ...none, read: 1727, created: 1727 },
        lab_results: { ...none, read: 3794, created: 3794 },
      },
      ...{ rejected: 0, skipped: {}, defects: [] },
    });
    expect(Object.values(second.collections).map(({ unchanged }) => unchanged)).toEqual([
      50, 1727, 3794,
    ]);
  });
});
