/** Whole loads into a real store: versions in any order, what is missing, dry runs, and the record of each load. */
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { changeText, createDryRun } from '../../src/ingest/dry-run.js';
import type { Compare } from '../../src/ingest/write/compare.js';
import {
  createImporter,
  type Importer,
  type ImportRun,
  type ImportStore,
} from '../../src/ingest/importer.js';
import { reportText } from '../../src/ingest/import-report.js';
import { type TestStore, createTestStore } from '../support/store.js';
import { inputOf, patientLines } from './memory-store.js';

const contract = readContract();
let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

let sources = 0;
const newSource = () => `s${(sources += 1)}`;

type Run = Partial<ImportRun> & { readonly source: string };

/** Compiling the contract takes long, so an importer serves all loads of its batch size. */
const importers = new Map<number, Importer>();

function load(texts: readonly string[], run: Run, batchSize = 5000) {
  const known = importers.get(batchSize);
  const importer = known ?? importerOf(test.store, batchSize);
  importers.set(batchSize, importer);
  return importer.run({ inputs: inputsOf(texts), ...run });
}

function importerOf(store: ImportStore, batchSize = 5000) {
  return createImporter({ contract, store, timeZone: 'UTC', batchSize });
}

function inputsOf(texts: readonly string[]) {
  return texts.map((text, index) => inputOf(text, `${index}.ndjson`));
}

const subject = { reference: 'Patient/1' };
const category = [{ coding: [{ code: 'laboratory' }] }];
const base = { resourceType: 'Observation', id: '1', status: 'final', subject, category };
const coded = (code: string, value: number) => ({
  code: { coding: [{ system: 'http://loinc.org', code }] },
  valueQuantity: { value },
});

/** Content and state of what a source has. */
async function stateOf(source: string) {
  const rows = await test.database.query(
    `select id, record_state, split_part(body, ',"created_ts"', 1) as content from record
     where id like $1 || ':%' order by collection, id`,
    [source],
  );
  return JSON.stringify(rows).replaceAll(`${source}:`, '').replaceAll(`"${source}`, '"');
}

const meta = fc.record(
  {
    versionId: fc.integer({ min: 1, max: 12 }).map(String),
    lastUpdated: fc
      .integer({ min: 0, max: 5000 })
      .map((ms) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString()),
  },
  { requiredKeys: [] },
);
const ageOf = ({ versionId = '', lastUpdated = '' }) => `${lastUpdated}/${versionId.padStart(2)}`;
const parts = fc.uniqueArray(fc.constantFrom('718-7', '789-8', '4544-3', '6690-2'));

describe('versions that carry meta', () => {
  it('end in the same state in every order, together or apart', async () => {
    const version = fc.record({ meta, parts, value: fc.option(fc.integer({ min: 1, max: 3 })) });
    const versions = fc
      .uniqueArray(version, {
        minLength: 3,
        maxLength: 3,
        selector: ({ meta: said }) => ageOf(said),
      })
      .filter((all) => all.every(({ meta: said }) => ageOf(said) !== '/  '));
    await fc.assert(
      fc.asyncProperty(versions, fc.integer({ min: 1, max: 4 }), async (all, batchSize) => {
        const lines = all.map(({ meta: said, parts: codes, value }) =>
          JSON.stringify({
            ...{ ...base, meta: said, ...coded('24323-8', value ?? 0) },
            ...((value === null || codes.length === 0) && { valueQuantity: undefined }),
            ...(codes.length === 0 && { valueString: 'as text' }),
            component: codes.map((code) => coded(code, 1)),
          }),
        );
        const [a = '', b = '', c = ''] = lines;
        const orders = [
          [a, b, c],
          [a, c, b],
          [b, a, c],
          [b, c, a],
          [c, a, b],
          [c, b, a],
        ];
        const states = new Set<string>();
        for (const order of orders) {
          for (const texts of [order, [order.join('\n')]]) {
            const source = newSource();
            const size = texts.length === 1 ? 5000 : batchSize;
            if (texts.length === 1) await load(texts, { source }, size);
            else for (const text of texts) await load([text], { source }, size);
            states.add(await stateOf(source));
          }
        }
        expect([...states]).toHaveLength(1);
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 8) },
    );
  }, 120_000);
});

describe('missing records', () => {
  const encounters = (ids: readonly number[]) =>
    ids
      .map((id) => JSON.stringify({ resourceType: 'Encounter', id: String(id), subject }))
      .join('\n');
  const ids = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const missingOf = async (source: string) => {
    const rows = await test.database.query(
      `select id, body::json ->> 'record_state' as state, body::json ->> 'is_active' as active,
         body::json ->> 'deleted_ts' = body::json ->> 'updated_ts' as deleted
       from record where id like $1 || ':%' and record_state = 'missing' order by id`,
      [source],
    );
    return rows.map((row) => Object.values(row).join(' ').replace(`${source}:`, ''));
  };

  it('are marked, of the same source and the types that the extract holds, and come back', async () => {
    const [source, other] = [newSource(), newSource()];
    await load([patientLines(ids(40)), encounters(ids(5))], { source });
    await load([patientLines(ids(40))], { source: other });
    const report = await load([patientLines(ids(39))], { source, maxMissingPercent: 5 });
    expect(report.missing).toEqual({
      kinds: [{ collection: 'patients', type: 'Patient', missing: 1, of: 40 }],
    });
    expect(reportText(report)).toContain('marked missing: 1 of 40 Patient\n');
    expect(await missingOf(source)).toEqual(['Patient:40 missing false true']);
    expect(await missingOf(other)).toEqual([]);
    const again = await load([patientLines(ids(39))], { source, maxMissingPercent: 5 });
    expect(again.missing?.kinds).toMatchObject([{ missing: 0, of: 39 }]);
    const back = await load([patientLines(ids(40))], { source });
    expect(back.collections.patients).toMatchObject({ updated: 1, unchanged: 39 });
    expect(await missingOf(source)).toEqual([]);
  });

  it('are not marked when they are too many, nor when a line could not be read', async () => {
    const source = newSource();
    await load([patientLines(ids(20))], { source });
    const many = await load([patientLines(ids(18))], { source, maxMissingPercent: 5 });
    expect(many.missing?.refused).toMatchObject({ isLimit: true });
    const broken = await load([`${patientLines(ids(19))}{"resourceType":`], {
      ...{ source, maxMissingPercent: 5 },
    });
    expect(broken.missing?.refused).toMatchObject({ isLimit: false });
    expect(await missingOf(source)).toEqual([]);
  });

  it('are not those that were rejected, and include the parts of a panel that is gone', async () => {
    const source = newSource();
    const panel = (id: string, extra = {}) =>
      JSON.stringify({
        ...base,
        id,
        component: [coded('718-7', 1)],
        code: { text: 'x' },
        ...extra,
      });
    await load([[panel('1'), panel('2'), panel('3')].join('\n')], { source });
    const rejected = panel('2', { modifierExtension: [{ url: 'x' }] });
    await load([[panel('1'), rejected].join('\n')], { source, maxMissingPercent: 50 });
    expect(await missingOf(source)).toEqual(['Observation:3~718-7 missing false true']);
  });
});

describe('a dry run', () => {
  it('counts and tells what would change, and changes nothing', async () => {
    const importDry = (text: string, source: string, showValues: boolean) =>
      test.store.comparing((compare) =>
        importerOf(dryRun(compare, showValues)).run({ inputs: inputsOf([text]), source }),
      );
    const source = newSource();
    await load([patientLines([1, 2], { gender: 'male' })], { source });
    const before = await stateOf(source);
    const told: string[] = [];
    const dryRun = (compare: Compare, showValues: boolean) =>
      createDryRun({
        ...{ store: test.store, compare },
        show: 2,
        onChange: (collection, change) => told.push(changeText(collection, change, showValues)),
      });
    const next = patientLines([1], { gender: 'female' }) + patientLines([2, 3, 4]);
    const report = await importDry(next, source, false);
    expect(report.collections.patients).toMatchObject({ created: 2, updated: 2, unchanged: 0 });
    expect(told).toEqual([
      'would update patients\n  gender\n',
      'would update patients\n  gender\n',
    ]);
    told.length = 0;
    await importDry(next, source, true);
    expect(told[0]).toBe(
      `would update patients ${source}:Patient:1\n  gender: "male" -> "female"\n`,
    );
    expect(await stateOf(source)).toBe(before);
    expect(await test.store.pastLoads({ source, limit: 9 })).toHaveLength(1);
  });
});

describe('a load', () => {
  it('is recorded with its files, counts and mapping, and every change names it', async () => {
    const source = newSource();
    const text = patientLines([1]);
    await load([text], { source });
    const [record] = await test.store.pastLoads({ source, limit: 1 });
    expect(record).toMatchObject({
      files: [{ name: '0.ndjson', bytes: text.length, sha256: hash('sha256', text) }],
      counts: { collections: { patients: { read: 1, created: 1 } } },
    });
    expect(record?.ended?.getTime()).toBeGreaterThanOrEqual(record?.started.getTime() ?? Infinity);
    const changes = await test.database.query('select load_id from change where id = $1', [
      `${source}:Patient:1`,
    ]);
    expect(changes).toEqual([{ load_id: record?.id.toString() }]);
  });

  it('that is unlike those before it is said to be so', async () => {
    const source = newSource();
    const results = (count: number, code: string, unit: string) =>
      Array.from({ length: count }, (_, id) =>
        JSON.stringify({
          ...{ ...base, id: `${code}-${id}`, ...coded(code, 1) },
          valueQuantity: { value: 1, unit },
        }),
      ).join('\n');
    for (let night = 0; night < 3; night += 1) {
      expect((await load([results(300, '718-7', 'g/dL')], { source })).warnings).toEqual([]);
    }
    const text = `${results(100, '718-7', 'mmol/L')}\n${results(20, 'NEW', 'x')}`;
    const { warnings } = await load([text], { source });
    expect(warnings).toEqual([
      'lab_results: 120 read, where the loads before had 300',
      'lab_results: test codes that no load before had: http://loinc.org|NEW',
      'lab_results http://loinc.org|718-7: unit "g/dL" in 0%, before in 100%',
      'lab_results http://loinc.org|718-7: unit "mmol/L" in 100%, before in 0%',
    ]);
  }, 30_000);
});

describe('lines that stand unchanged', () => {
  const result = (id: string, extra: object = {}) =>
    `${JSON.stringify({ ...base, id, ...coded('718-7', 13.5), ...extra })}\n`;
  const results = (extra: object = {}) =>
    ['1', '2', '3', '4'].map((id) => result(id, extra)).join('');
  const inPortions = (...texts: readonly string[]) => ({
    inputs: [
      {
        name: 'portions',
        async *lines() {
          let number = 0;
          for (const text of texts) {
            const lines = text.trim().split('\n');
            yield await Promise.resolve(
              lines.map((line) => ({ kind: 'text', number: (number += 1), text: line }) as const),
            );
          }
        },
      },
    ],
  });
  const countsOf = async (source: string, run: Partial<ImportRun> = {}) =>
    (await load([results()], { source, ...run })).collections.lab_results;
  const unread = { read: 4, created: 0, updated: 0, unchanged: 4, older: 0, rejected: 0 };

  it('are counted like those that are read', async () => {
    const source = newSource();
    await load([results()], { source });
    expect(await countsOf(source)).toEqual(unread);
  });

  it('are read again when the mapping is another, and then known again', async () => {
    const source = newSource();
    await load([results()], { source });
    const sql = `update source set mapping = 'before' where collection = 'lab_results'`;
    await test.database.query(sql);
    expect(await countsOf(source)).toEqual(unread);
    const left = await test.database.query(
      `select from record join source on source.id = source_id and source.collection = record.collection
       where record.id like $1 || ':%' and mapping = 'before'`,
      [source],
    );
    expect(left).toEqual([]);
  });

  it('keep being counted as defects', async () => {
    const source = newSource();
    const text = results({ interpretation: 7 });
    const first = await load([text], { source });
    const second = await load([text], { source });
    expect(first.defects).not.toEqual([]);
    expect(second.defects).toEqual(first.defects);
  });

  it('count as the later line when another of their id waits to be written', async () => {
    const source = newSource();
    await load([results()], { source });
    const changed = result('1', { status: 'amended' });
    const run = inPortions(results(), `${changed}${result('2')}`, results());
    await load([], { source, ...run });
    const [record] = await test.database.query('select version, body from record where id = $1', [
      `${source}:Observation:1`,
    ]);
    expect(record?.body).toContain('"status":"final"');
  });

  it('come back from missing', async () => {
    const source = newSource();
    await load([results()], { source });
    await load([result('1') + result('2')], { source, maxMissingPercent: 50 });
    expect(await countsOf(source)).toEqual({ ...unread, unchanged: 2, updated: 2 });
  });
});
