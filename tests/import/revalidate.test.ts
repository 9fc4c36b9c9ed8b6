/** After a change of the contract stored records are brought to it, and the service is ready when all of them are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Contract, contractOf, readContract } from '../../src/contract/contract.js';
import type { JsonSchema } from '../../src/contract/document.js';
import { createImporter } from '../../src/ingest/importer.js';
import { type Misfit, revalidate } from '../../src/ingest/revalidate.js';
import { type Store, openStore } from '../../src/store.js';
import { labExtract } from '../../bench/lab-extract.js';
import { type TestService, silent, startService } from '../support/service.js';
import { inputOf } from './memory-store.js';

const results = Number(process.env.REVALIDATE_RECORDS ?? 3000);

/** A document with other properties of its lab results. */
function changedContract(change: (properties: Record<string, JsonSchema>) => void): Contract {
  const document = structuredClone(readContract().document);
  const { LabResult } = document.components.schemas;
  if (LabResult?.properties === undefined) throw new Error('the contract has no LabResult');
  // A clone of the test's own.
  const properties = LabResult.properties as Record<string, JsonSchema>;
  change(properties);
  Object.assign(LabResult, { required: Object.keys(properties) });
  return contractOf(document);
}

const next = changedContract((properties) => {
  properties.ward = { type: ['string', 'null'], maxLength: 64 };
  properties.test_name = { type: ['string', 'null'], maxLength: 20 };
  delete properties.specimen;
});

let before: TestService;
let store: Store;
beforeAll(async () => {
  before = await startService();
  const importer = createImporter({
    contract: readContract(),
    store: before.store,
    timeZone: 'UTC',
  });
  const text = [...labExtract({ results, seed: 1 })].join('');
  await importer.run({ inputs: [inputOf(text)], source: 'ehr' });
  store = await openStore({ url: before.database.url, contract: next, log: silent });
}, 120_000);
afterAll(async () => {
  await store.close();
  await before.close();
});

const readiness = async (service: TestService) => {
  const { status, text } = await service.fetch('/health/ready', {});
  return [status, (JSON.parse(text) as { errors?: unknown }).errors];
};

function serviceOf(contract: Contract): Promise<TestService> {
  const url = before.database.url;
  return startService({
    contract,
    config: { database: { kind: 'url', url, migrationUrl: undefined } },
  });
}

const stateOf = () =>
  before.database.query(
    `select count(*), count(distinct contract) as contracts, bool_and(version >= 2) as moved,
       md5(string_agg(id || split_part(body, ',"created_ts":"', 1), '' order by id)) as content
     from record`,
  );

describe(`a contract with a new, a narrowed and a removed field, over ${results} records`, () => {
  it(
    'is ready once they are brought to it, also when that is cut short and begun again',
    async () => {
      const after = await serviceOf(next);
      const red = [
        503,
        [{ dependency: 'contract', detail: `${results} lab_results wait for npm run revalidate` }],
      ];
      expect(await readiness(after)).toEqual(red);
      expect(await readiness(before)).toEqual([200, undefined]);
      const options = { store, contract: next, timeZone: 'UTC', onMisfit: () => undefined };
      const stop = new AbortController();
      const cut = revalidate({
        ...options,
        signal: stop.signal,
        onPage: () => {
          stop.abort(new Error('cut'));
        },
      });
      await expect(cut).rejects.toThrow('cut');
      expect(await stateOf()).toMatchObject([{ contracts: '2' }]);
      const { changed, misfits } = await revalidate(options);
      expect({ changed, misfits }).toEqual({ changed: results - 1000, misfits: 0 });
      const [done] = await stateOf();
      expect(done).toMatchObject({ count: String(results), contracts: '1', moved: true });
      await after.close();
      const again = await serviceOf(next);
      expect(await readiness(again)).toEqual([200, undefined]);
      expect(await readiness(before)).toEqual([200, undefined]);
      const request = { after: 0, limit: 1, form: 'array', filter: {} } as const;
      const page = await store.page({ collection: 'lab_results', ...request });
      const [record] = JSON.parse(page.body.toString()) as Record<string, unknown>[];
      expect(record).toMatchObject({ ward: null, version: 2 });
      expect(record).not.toHaveProperty('specimen');
      expect(await revalidate(options)).toEqual({ fitting: 0, changed: 0, misfits: 0 });
      await again.close();
    },
    60_000 + results * 10,
  );

  it('is not ready again when a service of the contract before writes', async () => {
    const importer = createImporter({
      contract: readContract(),
      store: before.store,
      timeZone: 'UTC',
    });
    const [line = ''] = labExtract({ results: 1, seed: 99 });
    await importer.run({ inputs: [inputOf(line)], source: 'late' });
    const after = await serviceOf(next);
    expect((await readiness(after))[0]).toBe(503);
    expect(await readiness(before)).toEqual([200, undefined]);
    await revalidate({ store, contract: next, timeZone: 'UTC', onMisfit: () => undefined });
    await after.close();
    const again = await serviceOf(next);
    expect(await readiness(again)).toEqual([200, undefined]);
    await again.close();
  }, 60_000);
});

it(
  'lists what cannot be brought along, and stays not ready',
  async () => {
    const strict = changedContract((properties) => {
      properties.status = { type: 'string', maxLength: 3 };
    });
    const strictStore = await openStore({
      url: before.database.url,
      contract: strict,
      log: silent,
    });
    const misfits: Misfit[] = [];
    const found = await revalidate({
      ...{ store: strictStore, contract: strict, timeZone: 'UTC' },
      onMisfit: (misfit) => misfits.push(misfit),
    });
    expect(found.misfits).toBe(misfits.length);
    expect(misfits[0]).toMatchObject({ collection: 'lab_results', pointer: '/status' });
    expect(await strictStore.waitingRecords()).toMatchObject([{ collection: 'lab_results' }]);
    await strictStore.close();
  },
  60_000 + results * 10,
);
