/** Newer versions that cannot be filed, but say that the older ones do not hold: FHIR R4 observation.html, status and focus. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type Importer, createImporter } from '../../src/ingest/importer.js';
import { type TestStore, createTestStore } from '../support/store.js';
import { inputOf } from './memory-store.js';

let test: TestStore;
let importer: Importer;
beforeAll(async () => {
  test = await createTestStore();
  importer = createImporter({ contract: readContract(), store: test.store, timeZone: 'UTC' });
});
afterAll(() => test.close());

const load = (source: string, resource: object) =>
  importer.run({ inputs: [inputOf(`${JSON.stringify(resource)}\n`)], source });

async function stateOf(source: string) {
  return test.database.query(
    `select record_state, version::int, body::json ->> 'value_number' as value
     from record where id like $1 || ':%'`,
    [source],
  );
}

const result = {
  ...{ resourceType: 'Observation', id: '1', status: 'final', subject: { reference: 'Patient/1' } },
  category: [{ coding: [{ code: 'laboratory' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
  valueQuantity: { value: 5.4 },
  meta: { versionId: '1' },
};
const newer = { ...result, meta: { versionId: '2' } };
const withdrawn = { ...newer, status: 'entered-in-error' };
const focus = [{ reference: 'Patient/donor' }];

describe('an older version is retracted by', () => {
  it.each([
    ['one entered in error that has lost its code', { ...withdrawn, code: undefined }, 0],
    ['one entered in error that has lost its category', { ...withdrawn, category: undefined }, 0],
    ['one entered in error with a focus', { ...withdrawn, focus }, 0],
    ['one entered in error with a value twice', { ...withdrawn, valueString: '5' }, 0],
    ['one of a donor', { ...newer, focus }, 1],
    ['one of a device', { ...newer, subject: { reference: 'Device/1' } }, 1],
  ])('%s, and comes back with the next good one', async (name, second, rejected) => {
    const source = `w${name.length}`;
    await load(source, result);
    expect(await stateOf(source)).toEqual([{ record_state: 'active', version: 1, value: '5.4' }]);
    const report = await load(source, second);
    expect(report.rejected).toBe(rejected);
    const retracted = { record_state: 'retracted', version: 2, value: null };
    expect(await stateOf(source)).toEqual([retracted]);
    await load(source, result);
    expect(await stateOf(source), 'an older version again').toEqual([retracted]);
    await load(source, { ...result, meta: { versionId: '3' } });
    expect(await stateOf(source)).toEqual([{ record_state: 'active', version: 3, value: '5.4' }]);
  });

  it('none whose structure is broken: that says nothing of it', async () => {
    await load('broken', result);
    expect((await load('broken', { ...newer, valueQuantity: 7 })).rejected).toBe(1);
    expect(await stateOf('broken')).toEqual([{ record_state: 'active', version: 1, value: '5.4' }]);
  });

  it('a visit entered in error that no longer names its patient', async () => {
    const visit = { resourceType: 'Encounter', id: '9', class: { code: 'AMB' } };
    const subject = { reference: 'Patient/1' };
    await load('visit', { ...visit, status: 'finished', subject });
    expect(await stateOf('visit')).toMatchObject([{ record_state: 'active' }]);
    await load('visit', { ...visit, status: 'entered-in-error' });
    expect(await stateOf('visit')).toMatchObject([{ record_state: 'retracted' }]);
  });
});
