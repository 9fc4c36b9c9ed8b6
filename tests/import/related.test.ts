/** What resources say of each other's records: panels of their members, specimens of their results, in any order. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type ImportRun, type Importer, createImporter } from '../../src/ingest/importer.js';
import { previewRemap, remap } from '../../src/ingest/remap.js';
import { type TestStore, createTestStore } from '../support/store.js';
import { inputOf } from './memory-store.js';

const contract = readContract();
let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

let sources = 0;
const newSource = () => `r${(sources += 1)}`;

/** Compiling the contract takes long, so one importer serves all loads. */
let importer: Importer | undefined;

function load(resources: readonly object[], source: string, run: Partial<ImportRun> = {}) {
  const text = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
  importer ??= createImporter({ contract, store: test.store, timeZone: 'UTC' });
  return importer.run({ inputs: [inputOf(text)], source, ...run });
}

const subject = { reference: 'Patient/1' };
const result = (id: string, extra: object = {}) => ({
  ...{ resourceType: 'Observation', id, status: 'final', subject },
  category: [{ coding: [{ code: 'laboratory' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
  ...extra,
});
const measured = { valueQuantity: { value: 1 }, effectiveDateTime: '2026-01-01' };
const member = (id: string, extra: object = {}) => result(id, { ...measured, ...extra });
const panel = (members: readonly string[], extra: object = {}) =>
  result('p', { hasMember: members.map((id) => ({ reference: `Observation/${id}` })), ...extra });
const specimen = (extra: object = {}) => ({
  ...{ resourceType: 'Specimen', id: 's', type: { text: 'Plasma' }, subject },
  collection: { collectedDateTime: '2026-01-02T08:00:00Z' },
  ...extra,
});
const taken = (id: string) => member(id, { specimen: { reference: 'Specimen/s' } });
const meta = (version: number) => ({ meta: { versionId: String(version) } });

const shown = ['panel_id', 'specimen', 'collected_text', 'value_number'];

/** State and the fields that others decide, by id. */
async function stateOf(source: string): Promise<Readonly<Record<string, unknown>>> {
  const rows = await test.database.query(
    `select id, record_state, ${shown.map((field) => `body::json ->> '${field}' as ${field}`).join()}
     from record where id like $1 || ':%' order by id`,
    [source],
  );
  return JSON.parse(
    JSON.stringify(Object.fromEntries(rows.map(({ id, ...row }) => [id, row]))).replaceAll(
      `${source}:Observation:`,
      '',
    ),
  ) as Readonly<Record<string, unknown>>;
}

const plain = {
  ...{ record_state: 'active', panel_id: null, specimen: null },
  ...{ collected_text: '2026-01-01', value_number: '1' },
};
const known = { ...plain, specimen: 'Plasma', collected_text: '2026-01-02T08:00:00Z' };
const nothing = { value_number: null, record_state: 'retracted' };

describe('a panel that names its members', () => {
  it.each([
    ['before them', [panel(['a', 'b']), member('a'), member('b'), member('c')]],
    ['behind them', [member('a'), member('b'), member('c'), panel(['a', 'b'])]],
  ])('is their panel_id, %s, in one load or several', async (_, resources) => {
    const expected = { a: { ...plain, panel_id: 'p' }, b: { ...plain, panel_id: 'p' }, c: plain };
    const [together, apart] = [newSource(), newSource()];
    await load(resources, together);
    for (const resource of resources) await load([resource], apart);
    expect(await stateOf(together)).toEqual(expected);
    expect(await stateOf(apart)).toEqual(expected);
  });

  it.each([
    ['names others', panel(['b'], meta(2)), { a: plain, b: { ...plain, panel_id: 'p' } }],
    ['was entered in error', panel(['a'], { ...meta(2), status: 'entered-in-error' }), undefined],
    ['names none', result('p', { ...meta(2), valueString: 'as text' }), undefined],
  ])('that %s later is no longer theirs', async (_, corrected, expected) => {
    const source = newSource();
    await load([member('a'), member('b'), panel(['a'], meta(1))], source);
    await load([corrected], source);
    await load([panel(['a'], meta(1))], source);
    expect(await stateOf(source)).toMatchObject(expected ?? { a: plain, b: plain });
  });

  it('of another patient is not theirs', async () => {
    const source = newSource();
    await load([member('a'), panel(['a'], { subject: { reference: 'Patient/2' } })], source);
    expect(await stateOf(source)).toEqual({ a: plain });
  });

  it('retracts the components and the value that a corrected version of it no longer has', async () => {
    const parts = { component: [{ ...measured, code: { coding: [{ code: 'x' }] } }] };
    const versions = [
      result('p', { ...meta(1), ...measured, ...parts }),
      panel(['a'], { ...meta(2), ...parts }),
      panel(['a'], meta(3)),
    ];
    const expected = { p: nothing, 'p~x': nothing };
    for (const order of [versions, [...versions].reverse()]) {
      const source = newSource();
      for (const version of order) await load([version], source);
      expect(await stateOf(source)).toMatchObject(expected);
    }
  });
});

describe('a specimen of its own', () => {
  it.each([
    ['before its results', [specimen(), taken('a')]],
    ['behind its results', [taken('a'), specimen()]],
  ])('tells when it was collected and what it is, %s', async (_, resources) => {
    const source = newSource();
    for (const resource of resources) await load([resource], source);
    expect(await stateOf(source)).toEqual({ a: known });
  });

  it('that was entered in error, or says no time, leaves what the result says', async () => {
    const source = newSource();
    await load([taken('a'), specimen(meta(1))], source);
    await load([specimen({ ...meta(2), status: 'entered-in-error' })], source);
    expect(await stateOf(source)).toEqual({ a: plain });
    await load([specimen({ ...meta(3), collection: {} })], source);
    expect(await stateOf(source)).toEqual({ a: { ...plain, specimen: 'Plasma' } });
  });

  it("of another patient's withdraws the result, until it is corrected", async () => {
    const source = newSource();
    const others = specimen({ ...meta(1), subject: { reference: 'Patient/2' } });
    await load([others, taken('a')], source);
    expect(await stateOf(source)).toMatchObject({ a: nothing });
    await load([specimen(meta(2))], source);
    expect(await stateOf(source)).toEqual({ a: known });
  });

  it('keeps what is missing missing, and comes back with it', async () => {
    const source = newSource();
    await load([taken('a'), member('b'), specimen(meta(1))], source);
    await load([member('b')], source, { maxMissingPercent: 50 });
    await load([specimen({ ...meta(2), type: { text: 'Serum' } })], source);
    const missing = { ...known, specimen: 'Serum', record_state: 'missing' };
    expect(await stateOf(source)).toMatchObject({ a: missing });
    await load([taken('a')], source);
    expect(await stateOf(source)).toMatchObject({ a: { ...known, specimen: 'Serum' } });
  });
});

describe('what others say', () => {
  const all = [panel(['a', 'b']), taken('a'), member('b'), specimen()];

  it('changes nothing when it is said again, and is no news to remap', async () => {
    const source = newSource();
    await load(all, source);
    const before = await test.database.query('select sum(version), max(position) from record');
    const again = await load([...all].reverse(), source);
    expect(again.collections.lab_results).toMatchObject({ created: 0, updated: 0, unchanged: 2 });
    const options = { store: test.store, contract, timeZone: 'UTC', source };
    expect((await previewRemap(options)).fields).toEqual({});
    expect((await remap(options)).collections.lab_results).toMatchObject({ updated: 0 });
    expect(await test.database.query('select sum(version), max(position) from record')).toEqual(
      before,
    );
  });

  it('survives a mapping that makes the record anew', async () => {
    const source = newSource();
    await load(all, source);
    await test.database.query(
      `update record set digest = '', body = replace(body, '"status":"final"', '"status":"draft"')
       where id = $1`,
      [`${source}:Observation:a`],
    );
    const options = { store: test.store, contract, timeZone: 'UTC', source };
    expect((await remap(options)).collections.lab_results).toMatchObject({ updated: 1 });
    expect(await stateOf(source)).toMatchObject({ a: { ...known, panel_id: 'p' } });
  });

  it('ends in the same state in every order of three versions each', async () => {
    const flags = fc.record({ isMistaken: fc.boolean(), isOthers: fc.boolean() });
    const members = fc.subarray(['a', 'b', 'c']);
    const panels = fc.tuple(...[1, 2, 3].map((n) => panelVersion(n, { flags, members })));
    const specimens = fc.tuple(...[1, 2, 3].map((n) => specimenVersion(n, flags)));
    const orders = fc
      .tuple(panels, specimens)
      .map((versions) => [...versions.flat(), taken('a'), member('b'), taken('c')])
      .chain((all) => {
        const shuffled = fc.shuffledSubarray(all, { minLength: all.length });
        return fc.tuple(fc.constant(all), shuffled);
      });
    await fc.assert(
      fc.asyncProperty(orders, async ([inOrder, shuffled]) => {
        const [one, together, apart] = [newSource(), newSource(), newSource()];
        await load(inOrder, one);
        await load(shuffled, together);
        for (const resource of shuffled) await load([resource], apart);
        const expected = await stateOf(one);
        expect(await stateOf(together)).toEqual(expected);
        expect(await stateOf(apart)).toEqual(expected);
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 8) },
    );
  }, 120_000);
});

interface Flags {
  readonly isMistaken: boolean;
  readonly isOthers: boolean;
}

function panelVersion(
  version: number,
  of: {
    readonly flags: fc.Arbitrary<Flags>;
    readonly members: fc.Arbitrary<readonly string[]>;
  },
) {
  const parts = [{ ...measured, code: { coding: [{ code: 'x' }] } }];
  return fc.record({ ...of, hasParts: fc.boolean() }).map(({ flags, members, hasParts }) =>
    panel(members, {
      ...meta(version),
      ...(flags.isMistaken && { status: 'entered-in-error' }),
      ...(members.length === 0 && measured),
      ...(hasParts && { component: parts }),
    }),
  );
}

function specimenVersion(version: number, flags: fc.Arbitrary<Flags>) {
  return flags.map(({ isMistaken, isOthers }) =>
    specimen({
      ...meta(version),
      ...(isMistaken && { status: 'entered-in-error' }),
      ...(isOthers && { subject: { reference: 'Patient/2' } }),
    }),
  );
}
