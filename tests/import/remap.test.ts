/** Records derived anew from the resources that were kept. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { createImporter } from '../../src/ingest/importer.js';
import { previewRemap, remap } from '../../src/ingest/remap.js';
import { type TestStore, createTestStore } from '../support/store.js';
import { inputOf, patientLines } from './memory-store.js';

const contract = readContract();
let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

describe('remap', () => {
  it('counts what would change field by field, then changes it, once', async () => {
    const importer = createImporter({ contract, store: test.store, timeZone: 'UTC' });
    const text = patientLines([1, 2, 3], { gender: 'female', birthDate: '1970-05-17' });
    await importer.run({ inputs: [inputOf(text)], source: 'ehr' });
    // As a mapping before this one had made it.
    await test.database.query(
      `update record set digest = '', body = replace(body, '"gender":"female"', '"gender":null')
       where id <> 'ehr:Patient:3'`,
    );
    const options = { store: test.store, contract, timeZone: 'UTC', source: 'ehr' };
    const preview = await previewRemap(options);
    expect(preview.fields).toEqual({ patients: { gender: 2 } });
    expect(preview.report.collections.patients).toMatchObject({ updated: 2, unchanged: 1 });
    expect((await remap(options)).collections.patients).toMatchObject({ updated: 2, unchanged: 1 });
    const bodies = await test.database.query(
      `select body::json ->> 'gender' as gender, version from record order by id`,
    );
    expect(bodies).toEqual([
      { gender: 'female', version: 2 },
      { gender: 'female', version: 2 },
      { gender: 'female', version: 1 },
    ]);
    expect((await remap(options)).collections.patients).toMatchObject({ updated: 0, unchanged: 3 });
  });

  it('leaves what is missing', async () => {
    const importer = createImporter({ contract, store: test.store, timeZone: 'UTC' });
    await importer.run({ inputs: [inputOf(patientLines([1, 2]))], source: 'his' });
    const full = { inputs: [inputOf(patientLines([1]))], source: 'his', maxMissingPercent: 50 };
    await importer.run(full);
    const options = { store: test.store, contract, timeZone: 'UTC', source: 'his' };
    expect((await remap(options)).collections.patients).toMatchObject({ read: 1, unchanged: 1 });
    const rows = await test.database.query(
      `select record_state from record where id like 'his:%' order by id`,
    );
    expect(rows).toEqual([{ record_state: 'active' }, { record_state: 'missing' }]);
  });
});
