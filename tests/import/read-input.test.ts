/** What an input holds decides how it is read: NDJSON, documents, Bundles, CSV, each of them packed or not. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import type { Line } from '../../src/ingest/read/lines.js';
import { findInputs, type Form, readInput } from '../../src/ingest/read/read-input.js';

const { collections } = readContract();

interface Given {
  readonly form?: Form;
  readonly name?: string;
  readonly chunkBytes?: number;
}

async function linesOf(contents: string | Buffer, given: Given = {}): Promise<readonly Line[]> {
  const { form = 'unknown', name = 'test', chunkBytes = 7 } = given;
  const whole = Buffer.from(contents);
  async function* bytes() {
    for (let from = 0; from < whole.length; from += chunkBytes) {
      yield await Promise.resolve(whole.subarray(from, from + chunkBytes));
    }
  }
  const lines: Line[] = [];
  for await (const portion of readInput({ name, form, collections, bytes: bytes() })) {
    lines.push(...portion);
  }
  return lines;
}

function texts(lines: readonly Line[]): readonly unknown[] {
  return lines.map((line) =>
    line.kind === 'text' ? (JSON.parse(line.text) as unknown) : line.rule,
  );
}

function bundleOf(entry: readonly object[], facts: object = {}): string {
  return JSON.stringify({ resourceType: 'Bundle', type: 'collection', ...facts, entry }, null, 2);
}

const two = '{"resourceType":"A"}\n{"resourceType":"B"}\n';

describe('what is broken in a document or a Bundle', () => {
  it.each([
    ['an escape', String.raw`"Bun\qdle"`],
    ['a control character', '"Bundle\t"'],
    ['a NUL', '"Bundle\u0000"'],
  ])('%s in a type is left to whoever reads the whole resource', async (_name, type) => {
    const text = `{"resourceType":${type},"link":"Bundle"}`;
    for (const form of ['document', 'lines', 'unknown'] as const) {
      const [line, ...others] = await linesOf(text, { form, chunkBytes: 64 });
      expect([line, others]).toEqual([expect.objectContaining({ kind: 'text', text }), []]);
    }
  });

  it('a reference of 15 MB is no name of an entry, and stays as it is', async () => {
    const entry = {
      resource: {
        resourceType: 'Observation',
        id: '1',
        subject: { reference: 'x'.repeat(15_000_000) },
      },
    };
    const lines = await linesOf(bundleOf([entry]), { form: 'document', chunkBytes: 1_000_000 });
    expect(texts(lines)).toEqual([entry.resource]);
  });
});

describe('resources in resources', () => {
  const inBundle = (...resources: readonly object[]) => ({
    resourceType: 'Bundle',
    entry: resources.map((resource) => ({ resource })),
  });
  const [a, b, c] = ['A', 'B', 'C'].map((resourceType) => ({ resourceType }));
  const parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'n', valueString: 'x' },
      { name: 'r', part: [{ name: 'p', resource: inBundle({ ...b }) }] },
    ],
  };

  it.each<Form>(['document', 'lines'])('are read at any depth (%s)', async (form) => {
    const outer = inBundle(inBundle({ ...a }, inBundle(parameters)), { ...c });
    const lines = await linesOf(JSON.stringify(outer), { form });
    expect(texts(lines)).toEqual([a, b, c]);
    expect(lines.map((line) => line.kind === 'text' && line.pointer)).toEqual([
      '/entry/0/resource/entry/0/resource',
      '/entry/0/resource/entry/1/resource/entry/0/resource/parameter/1/part/0/resource/entry/0/resource',
      '/entry/1/resource',
    ]);
  });

  it('refer to what an outer Bundle names, unless their own names it', async () => {
    const urn = 'urn:uuid:1';
    const named = (id: string) => ({ fullUrl: urn, resource: { resourceType: 'Patient', id } });
    const refers = { resource: { subject: { reference: urn } } };
    const text = bundleOf([
      named('outer'),
      { resource: { resourceType: 'Bundle', entry: [named('inner'), refers] } },
      { resource: { resourceType: 'Bundle', entry: [refers] } },
    ]);
    const found = texts(await linesOf(text, { form: 'document' }));
    expect(found.filter((resource) => JSON.stringify(resource).includes('subject'))).toEqual([
      { subject: { reference: 'Patient/inner' } },
      { subject: { reference: 'Patient/outer' } },
    ]);
  });

  it('that are too deep are counted', async () => {
    let nested: object = { resourceType: 'A' };
    for (let depth = 0; depth < 33; depth += 1) nested = inBundle(nested, { ...b });
    expect(texts(await linesOf(JSON.stringify(nested), { form: 'lines' }))).toEqual([
      'size',
      ...Array.from({ length: 32 }, () => b),
    ]);
  });

  it('that a report contains as its results are counted', async () => {
    const report = {
      resourceType: 'DiagnosticReport',
      contained: [
        { resourceType: 'Observation', id: 'o' },
        { resourceType: 'Specimen', id: 's' },
      ],
      result: [{ reference: '#o' }],
    };
    const text = JSON.stringify(report);
    expect(texts(await linesOf(text, { form: 'lines' }))).toEqual([report, 'structure']);
    const bundle = bundleOf([{ resource: report }]);
    expect(texts(await linesOf(bundle, { form: 'document' }))).toEqual([report, 'structure']);
  });
});

describe('a long Bundle', () => {
  it.each<Form>(['document', 'lines'])(
    'on one line is read in time that grows with its length (%s)',
    { timeout: 60_000 },
    async (form) => {
      const count = 400_000;
      const entries = '{"resource":{"resourceType":"A"}},'.repeat(count).slice(0, -1);
      const text = `{"resourceType":"Bundle","entry":[${entries}]}`;
      const lines = await linesOf(text, { form, chunkBytes: 1_000_000 });
      expect(lines).toHaveLength(count);
      expect(lines.at(-1)).toMatchObject({ number: 1, pointer: `/entry/${count - 1}/resource` });
    },
  );
});

describe('gzip', () => {
  it.each<Form>(['unknown', 'lines'])('is taken off whatever the name says (%s)', async (form) => {
    expect(await linesOf(gzipSync(two), { form })).toEqual(await linesOf(two, { form }));
  });

  it('may have several members', async () => {
    const packed = Buffer.concat([gzipSync(two), gzipSync('{"resourceType":"C"}\n')]);
    expect(texts(await linesOf(packed))).toHaveLength(3);
  });

  it('gives what stands before a broken end, and a line that says so', async () => {
    const text = Array.from({ length: 5000 }, (_, n) => `{"resourceType":"A","n":${n * 7919}}\n`);
    const packed = gzipSync(text.join(''));
    const lines = await linesOf(packed.subarray(0, packed.length / 2), { form: 'lines' });
    const end = lines.at(-1);
    expect(lines.length).toBeGreaterThan(100);
    expect(end).toMatchObject({ kind: 'unreadable', rule: 'gzip', number: lines.length });
    expect(lines.slice(0, -1).every(({ kind }) => kind === 'text')).toBe(true);
  });
});

describe('an input of any name', () => {
  const forms: readonly [string, string, number][] = [
    ['lines', two, 2],
    ['one line without an end', '{"resourceType":"A"}', 1],
    ['a document in several lines', '\n{\n "resourceType": "A"\n}\n', 1],
    ['a document behind a byte order mark', '\ufeff{\n "resourceType": "A"\n}\n', 1],
    ['nothing', '', 0],
    ['blank lines', '\n\n', 0],
  ];
  it.each(forms)('is read as it begins: %s', async (_, text, count) => {
    const lines = await linesOf(text);
    expect(lines.map(({ kind }) => kind)).toEqual(Array.from({ length: count }, () => 'text'));
  });

  it('is standard input where the path is -', async () => {
    const stdin = Readable.from([Buffer.from(two)]);
    const [input] = await findInputs(['-'], { collections, stdin });
    const lines: Line[] = [];
    for await (const portion of input?.lines() ?? []) lines.push(...portion);
    expect([input?.name, texts(lines)]).toEqual([
      'standard input',
      [{ resourceType: 'A' }, { resourceType: 'B' }],
    ]);
  });
});

describe('a document', () => {
  const refused: readonly [string, string | Buffer, string][] = [
    ['no JSON', '{"resourceType":', 'json'],
    ['an unclosed string', '{"resourceType":"A', 'json'],
    ['more than one value', '{"a":1} {"a":2}', 'json'],
    ['no object', '[1,2]', 'json'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'utf-8'],
    ['a Bundle with implicit rules', bundleOf([], { implicitRules: 'urn:x' }), 'modifier'],
    ['a Bundle whose entry is no list', '{"resourceType":"Bundle","entry":{}}', 'json'],
  ];
  it.each(refused)('is refused when it is %s', async (_, text, rule) => {
    expect(texts(await linesOf(text, { form: 'document' }))).toEqual([rule]);
  });

  it('over 64 MiB is refused, and read to its end', async () => {
    const big = Buffer.alloc(64 * 1024 * 1024 + 1, 0x20);
    const lines = await linesOf(big, { form: 'document', chunkBytes: 1024 * 1024 });
    expect(texts(lines)).toEqual(['size']);
  });

  it('may be the manifest of a bulk export, which is counted', async () => {
    const manifest = '{"transactionTime":"2026-01-01T00:00:00Z","output":[]}';
    expect(texts(await linesOf(manifest, { form: 'document' }))).toEqual([
      { resourceType: 'BulkExportManifest' },
    ]);
  });
});

describe('a Bundle (FHIR R4 bundle.html)', () => {
  const uuid = 'urn:uuid:6c5d9ca9-0000-4000-8000-000000000001';
  const patient = { resourceType: 'Patient', id: 'p1' };
  const visit = { resourceType: 'Encounter', id: 'e1', subject: { reference: uuid } };

  it.each(['collection', 'transaction', 'searchset'])('%s: gives its resources', async (type) => {
    const lines = await linesOf(bundleOf([{ resource: patient }, { resource: visit }], { type }));
    expect(texts(lines)).toEqual([patient, visit]);
    expect(lines.map((line) => line.kind === 'text' && line.pointer)).toEqual([
      '/entry/0/resource',
      '/entry/1/resource',
    ]);
  });

  it('resolves references by fullUrl, in any order', async () => {
    const entries = [{ resource: visit }, { fullUrl: uuid, resource: patient }];
    expect(texts(await linesOf(bundleOf(entries)))).toEqual([
      { ...visit, subject: { reference: 'Patient/p1' } },
      patient,
    ]);
  });

  it('gives a resource without an id the UUID of its fullUrl', async () => {
    const entries = [{ fullUrl: uuid, resource: { resourceType: 'Patient' } }, { resource: visit }];
    const id = '6c5d9ca9-0000-4000-8000-000000000001';
    expect(texts(await linesOf(bundleOf(entries)))).toEqual([
      { resourceType: 'Patient', id },
      { ...visit, subject: { reference: `Patient/${id}` } },
    ]);
  });

  it('leaves text alone that only looks like a reference', async () => {
    const note = [{ text: `"reference": "${uuid}"` }];
    const entries = [{ fullUrl: uuid, resource: patient }, { resource: { ...visit, note } }];
    expect(texts(await linesOf(bundleOf(entries)))[1]).toMatchObject({ note });
  });

  it('keeps the digits of its numbers, and says on which line a resource begins', async () => {
    const text =
      '{"resourceType":"Bundle","entry":[\n{"resource":{"resourceType":"A"}},\n{"resource":\n{"value":5.40}}]}';
    expect(await linesOf(text, { form: 'document' })).toEqual([
      { kind: 'text', number: 2, text: '{"resourceType":"A"}', pointer: '/entry/0/resource' },
      { kind: 'text', number: 4, text: '{"value":5.40}', pointer: '/entry/1/resource' },
    ]);
  });

  it('counts an entry without a resource, and refuses one that is changed by extension', async () => {
    const entries = [
      { request: { method: 'DELETE', url: 'Patient/1' } },
      { resource: patient, modifierExtension: [{ url: 'urn:not' }] },
    ];
    expect(texts(await linesOf(bundleOf(entries)))).toEqual([
      { resourceType: 'BundleEntry' },
      'modifier',
    ]);
  });

  it('may stand on a line of NDJSON', async () => {
    const line = JSON.stringify(JSON.parse(bundleOf([{ resource: patient }, { resource: visit }])));
    const lines = await linesOf(`${two}${line}\n`, { form: 'lines' });
    expect(lines.map(({ number }) => number)).toEqual([1, 2, 3, 3]);
  });

  it('without entries gives nothing', async () => {
    expect(await linesOf('{"resourceType":"Bundle","type":"searchset"}')).toEqual([]);
  });
});
