/** Whatever the order in which versions arrive, the newest stands, and what does not change takes no position. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceDigest } from '../../src/ingest/known-lines.js';
import type { StagedRecord } from '../../src/ingest/write/staged-record.js';
import { marked } from '../support/marks.js';
import { type TestStore, createTestStore } from '../support/store.js';
import { labResult } from '../support/records.js';

let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

let next = 0;
const newId = () => String((next += 1));

function version(id: string, sourceVersion: string | undefined, value: number): StagedRecord {
  return {
    ...labResult(id, { value_number: value, value_text: String(value) }),
    ...(sourceVersion !== undefined && { sourceVersion }),
  };
}

async function valueOf(id: string): Promise<unknown> {
  const record = await test.store.find('lab_results', `ehr:Observation:${id}`);
  return (JSON.parse(record?.body.toString() ?? '{}') as { value_number?: number }).value_number;
}

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

describe('three versions of a record', () => {
  it.each(orders)('end in the newest when they come as %i, %i, %i', async (...order) => {
    const id = newId();
    for (const place of order) await test.write([version(id, `v${place}`, place)]);
    expect(await valueOf(id)).toBe(2);
  });

  it('of which the newest says the same are remembered without a position', async () => {
    const id = newId();
    await test.write([version(id, 'v1', 1)]);
    const before = await test.store.find('lab_results', `ehr:Observation:${id}`);
    const same = await test.write([version(id, 'v3', 1)]);
    expect(same).toEqual({ created: 0, updated: 0, unchanged: 1, older: 0 });
    expect(await test.store.find('lab_results', `ehr:Observation:${id}`)).toEqual(before);
    expect(await test.write([version(id, 'v2', 2)])).toMatchObject({ older: 1 });
    expect(await valueOf(id)).toBe(1);
  });

  it('are taken as they come where one has no version', async () => {
    const id = newId();
    for (const said of ['v2', undefined, 'v1']) await test.write([version(id, said, next++)]);
    expect(await valueOf(id)).toBe(next - 1);
  });

  it('of the same age are taken as they come', async () => {
    const id = newId();
    await test.write([version(id, 'v1', 1)]);
    expect(await test.write([version(id, 'v1', 2)])).toMatchObject({ updated: 1 });
    expect(await valueOf(id)).toBe(2);
  });

  it('stand against a stored one when a saying without a version came between', async () => {
    const id = newId();
    await test.write([version(id, 'v5', 5)]);
    await test.write([{ ...version(id, 'v3', 3), unconditional: true }]);
    expect(await valueOf(id)).toBe(3);
  });
});

describe('a panel', () => {
  const part = (id: string, code: string, sourceVersion: string): StagedRecord => ({
    ...labResult(`${id}~${code}`, { value_text: `${code} of ${sourceVersion}` }),
    ...{ origin: `ehr:Observation:${id}`, sourceVersion },
  });
  const versions = (id: string) => [
    [part(id, 'a', 'v1'), part(id, 'b', 'v1')],
    [part(id, 'a', 'v2'), part(id, 'b', 'v2'), part(id, 'c', 'v2')],
    [part(id, 'a', 'v3'), labResult(id, {})].map((record) => ({ ...record, sourceVersion: 'v3' })),
  ];
  const stateOf = async (id: string) => {
    const rows = await test.database.query(
      `select replace(id, $1, '') as id, record_state, body::json ->> 'value_text' as value_text
       from record where id like $1 || '%' order by id`,
      [`ehr:Observation:${id}`],
    );
    return rows.map((row) => Object.values(row).join(' '));
  };

  it.each(orders)('ends the same when its versions come as %i, %i, %i', async (...order) => {
    const id = `panel-${newId()}-`;
    for (const place of order) await test.write(versions(id)[place] ?? []);
    expect(await stateOf(id)).toEqual([
      ` active ${marked.value}`,
      '~a active a of v3',
      '~b retracted ',
      '~c retracted ',
    ]);
  });

  it('that is the same again changes nothing', async () => {
    const id = `panel-${newId()}-`;
    for (const place of [0, 1, 2]) await test.write(versions(id)[place] ?? []);
    const counts = await test.write(versions(id)[2] ?? []);
    expect(counts).toEqual({ created: 0, updated: 0, unchanged: 2, older: 0 });
  });
});

describe('the resource', () => {
  const kept = (id: string, resource: string, value = 1): StagedRecord => ({
    ...version(id, undefined, value),
    resource,
    resourceDigest: resourceDigest(resource, false),
  });
  const resourceOf = (id: string) => test.store.resource('lab_results', `ehr:Observation:${id}`);

  it('is kept beside its record, also when only it changed', async () => {
    const id = newId();
    const others = Array.from({ length: 200 }, () => kept(newId(), `{"other":${next}}`));
    await test.write([...others, kept(id, '{"first":true}')]);
    expect(await resourceOf(id)).toBe('{"first":true}');
    const again = await test.write([kept(id, '{"first":false}')]);
    expect(again).toMatchObject({ updated: 0, unchanged: 1 });
    expect(await resourceOf(id)).toBe('{"first":false}');
  });

  it('goes when no record stands on it any more', async () => {
    const ids = Array.from({ length: 70 }, newId);
    const rows = async () => (await test.database.query('select id from source')).length;
    const before = await rows();
    for (const round of [1, 2, 3]) {
      await test.write(ids.map((id) => kept(id, `{"round":${round}}`)));
      expect(await rows()).toBe(before + 2);
    }
    await test.write(ids.map((id) => version(id, undefined, 1)));
    expect(await rows()).toBe(before);
    expect(await resourceOf(ids[0] ?? '')).toBeUndefined();
  });
});
