/** Reading, batching and reporting; what a store makes of it is tested with a real one. */
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type Reject, rejectText, reportText } from '../../src/ingest/import-report.js';
import { createImporter, type ImportStore, mappingVersion } from '../../src/ingest/importer.js';
import { ImportError } from '../../src/ingest/read/lines.js';
import { createMemoryStore, inputOf, patientLines } from './memory-store.js';

const contract = readContract();

function importerOf(store: ImportStore, batchSize = 5000) {
  return createImporter({ contract, store, timeZone: 'America/New_York', batchSize });
}

function fileOf(text: string) {
  return { name: 'test.ndjson', bytes: Buffer.byteLength(text), sha256: hash('sha256', text) };
}

const encounter = {
  ...{ resourceType: 'Encounter', id: 'e1', status: 'finished' },
  subject: { reference: 'Patient/1' },
};

describe('run', () => {
  it('counts each collection, what was skipped, rejected and left out', async () => {
    const { store, loads } = createMemoryStore();
    const text = [
      patientLines([1, 2], { gender: 'F' }),
      'none\n',
      JSON.stringify(encounter),
      JSON.stringify({ ...encounter, id: 'e2', subject: undefined }),
      '{"resourceType":"Condition","id":"c"}',
    ].join('\n');
    const report = await importerOf(store).run({ inputs: [inputOf(text)], source: 'his' });
    const none = { created: 0, updated: 0, unchanged: 0, older: 0, rejected: 0 };
    expect(report).toEqual({
      source: 'his',
      files: [fileOf(text)],
      lines: 6,
      collections: {
        patients: { ...none, read: 2, created: 2 },
        appointments: { ...none, read: 2, created: 1, rejected: 1 },
        lab_results: { ...none, read: 0 },
      },
      skipped: { Condition: 1 },
      rejected: 2,
      defects: [
        {
          collection: 'patients',
          field: 'gender',
          rule: 'must be equal to one of the allowed values',
          count: 2,
        },
      ],
      warnings: [],
    });
    expect(loads).toEqual([
      { source: 'his', files: ['test.ndjson'], mapping: await mappingVersion('America/New_York') },
      { files: report.files, counts: { ...report, files: undefined, units: {}, codes: [] } },
    ]);
  });

  it('finds everything unchanged the second time', async () => {
    const { store } = createMemoryStore();
    const run = () =>
      importerOf(store).run({ inputs: [inputOf(patientLines([1, 2]))], source: 'ehr' });
    await run();
    expect((await run()).collections.patients).toEqual({
      ...{ read: 2, created: 0, updated: 0, unchanged: 2, older: 0, rejected: 0 },
    });
  });

  it('writes full batches and the rest, one at a time', async () => {
    const memory = createMemoryStore({
      beforeWrite: () => new Promise((resume) => setTimeout(resume, 5)),
    });
    const text =
      patientLines(['a', 'b', 'c']) + `${JSON.stringify(encounter)}\n` + patientLines(['d', 'e']);
    await importerOf(memory.store, 2).run({ inputs: [inputOf(text)], source: 'ehr' });
    expect(memory.batches).toEqual([
      { collection: 'patients', ids: ['ehr:Patient:a', 'ehr:Patient:b'] },
      { collection: 'patients', ids: ['ehr:Patient:c', 'ehr:Patient:d'] },
      { collection: 'appointments', ids: ['ehr:Encounter:e1'] },
      { collection: 'patients', ids: ['ehr:Patient:e'] },
    ]);
    expect(memory.mostAtOnce()).toBe(1);
  });

  it('takes the later of an id that stands twice in a batch', async () => {
    const { store, records, batches } = createMemoryStore();
    const text =
      patientLines([1], { gender: 'male' }) +
      patientLines([2]) +
      patientLines([1], { gender: 'female' });
    await importerOf(store).run({ inputs: [inputOf(text)], source: 'ehr' });
    expect(batches.map(({ ids }) => ids.length)).toEqual([2]);
    expect(records.get('ehr:Patient:1')?.content).toContain('"gender":"female"');
  });

  it('throws what the store threw, and ends the load with nothing', async () => {
    const { store, loads } = createMemoryStore({
      beforeWrite: () => Promise.reject(new Error('disk full')),
    });
    const run = importerOf(store, 1).run({
      inputs: [inputOf(patientLines([1, 2, 3]))],
      source: 'ehr',
    });
    await expect(run).rejects.toThrow('disk full');
    expect(loads).toHaveLength(1);
  });

  it('stops at the signal, once the running write has ended', async () => {
    const stop = new AbortController();
    const memory = createMemoryStore();
    /** As much as is looked up at a time. */
    const portionCharacters = 1024 * 1024;
    const input = {
      name: 'endless',
      async *lines() {
        for (let number = 1; ; number += 1) {
          if (number === 4) stop.abort(new Error('interrupted'));
          const text = patientLines([number]).padEnd(portionCharacters);
          yield await Promise.resolve([{ kind: 'text' as const, number, text }]);
        }
      },
    };
    const run = importerOf(memory.store, 2).run({
      inputs: [input],
      source: 'ehr',
      signal: stop.signal,
    });
    await expect(run).rejects.toThrow('interrupted');
    expect([...memory.records.keys()]).toEqual(['ehr:Patient:1', 'ehr:Patient:2']);
  });

  it.each(['', 'a b', 'x:y', '-a', 'x'.repeat(65)])(
    'refuses the source name %j',
    async (source) => {
      const { store, loads } = createMemoryStore();
      await expect(importerOf(store).run({ inputs: [], source })).rejects.toThrow(ImportError);
      expect(loads).toEqual([]);
    },
  );

  it('skips what belongs to a collection that is not served', async () => {
    const { store } = createMemoryStore();
    const options = { contract: readContract(['patients']), store, timeZone: 'UTC' };
    const report = await createImporter(options).run({
      inputs: [inputOf(`${patientLines([1])}${JSON.stringify(encounter)}`)],
      source: 'ehr',
    });
    expect(report).toMatchObject({
      rejected: 0,
      skipped: { 'Encounter (appointments are not served)': 1 },
    });
  });
});

describe('lines that are rejected', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const cases: readonly [string, string, string][] = [
    [
      'no JSON',
      '{"resourceType":"Patient","name":"Ada Example"',
      'test.ndjson:1: must be JSON (json)',
    ],
    ['JSON beside JSON', '{} {}', 'test.ndjson:1: must be JSON (json)'],
    ['no object', '"Ada Example"', 'test.ndjson:1: must be a JSON object (resource)'],
    [
      'no resource',
      '{"name":"Ada"}',
      'test.ndjson:1: /resourceType must name a FHIR resource type (resource)',
    ],
    [
      'no id',
      '{"resourceType":"Patient"}',
      'test.ndjson:1: /id must be the id of the resource (resource)',
    ],
    [
      'an id that is empty',
      '{"resourceType":"Patient","id":""}',
      'test.ndjson:1: /id must be the id of the resource (resource)',
    ],
    ['a raw NUL', '{"resourceType":"Patient","id":"a\0"}', 'test.ndjson:1: must be JSON (json)'],
    [
      '10,000 levels',
      `{"resourceType":"Patient","id":"1","name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      '',
    ],
    [
      '200,000 levels and a number of its own digits',
      `{"value":1.0,"x":${deep}}`,
      'test.ndjson:1: must be less deeply nested (json)',
    ],
  ];
  it.each(cases)('%s', async (_, text, expected) => {
    const rejects: Reject[] = [];
    const { store } = createMemoryStore();
    await importerOf(store).run({
      inputs: [inputOf(text)],
      source: 'ehr',
      onReject: (reject) => rejects.push(reject),
    });
    expect(rejects.map(rejectText)).toEqual(expected === '' ? [] : [expected]);
  });

  it('names file, line, pointer, rule and reason, and no value', async () => {
    const rejects: Reject[] = [];
    const { store } = createMemoryStore();
    await importerOf(store).run({
      inputs: [
        inputOf(
          `${patientLines([1])}\n${JSON.stringify({ ...encounter, subject: { reference: 'Group/secret' } })}`,
        ),
      ],
      source: 'ehr',
      onReject: (reject) => rejects.push(reject),
    });
    expect(rejects).toEqual([
      {
        kind: 'rejected',
        collection: 'appointments',
        file: 'test.ndjson',
        line: 3,
        pointer: '/subject',
        rule: 'subject',
        reason: 'must refer to a Patient',
      },
    ]);
  });
});

describe('reportText', () => {
  it('is an aligned table, and what stands beside it', async () => {
    const { store } = createMemoryStore();
    const text = `${patientLines([1, 2], { gender: 'F' })}x\n{"resourceType":"Condition"}\n`;
    const report = await importerOf(store).run({ inputs: [inputOf(text)], source: 'ehr' });
    expect(reportText(report)).toBe(
      [
        '              read  created  updated  unchanged  older  rejected',
        'patients         2        2        0          0      0         0',
        'appointments     0        0        0          0      0         0',
        'lab_results      0        0        0          0      0         0',
        'skipped: 1 Condition',
        'rejected: 1 that are no resource of a collection',
        'left out: 2 patients gender (must be equal to one of the allowed values)',
        '',
      ].join('\n'),
    );
  });
});
