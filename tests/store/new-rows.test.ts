/** A record that is new is copied in as the longer statement, by which records change, would have written it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceDigest } from '../../src/ingest/known-lines.js';
import type { StagedRecord } from '../../src/ingest/write/staged-record.js';
import { labResult } from '../support/records.js';
import { type TestStore, createTestStore } from '../support/store.js';

let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

const escaped = 'quote " backslash \\ tab \t line \n end \\. control \u0001 null \\N';
const wide = 'é ß 漢字 😀 \u2028';
const kept = (resource: string) => ({ resource, resourceDigest: resourceDigest(resource, false) });

const records: readonly (readonly [name: string, record: (id: string) => StagedRecord])[] = [
  ['with nothing beside its content', (id) => labResult(id)],
  ['with escapes in it', (id) => labResult(id, { note: escaped })],
  ['with characters of two to four bytes', (id) => labResult(id, { note: wide })],
  ['longer than a chunk', (id) => labResult(id, { note: '漢'.repeat(60_000) })],
  ['with an id that is not of letters alone', (id) => labResult(`a ${id} "\\'`)],
  ['with a version', (id) => ({ ...labResult(id), sourceVersion: '063903985800.1/-' })],
  ['of a retracted resource', (id) => ({ ...labResult(id), recordState: 'retracted' })],
  ['of an inactive one', (id) => ({ ...labResult(id), recordState: 'inactive' })],
  ['that refers to a Specimen', (id) => ({ ...labResult(id), refersTo: 'ehr:Specimen:é' })],
  ['of one of several', (id) => ({ ...labResult(`${id}~1`), origin: `ehr:Observation:${id}` })],
  ['whose resource is kept', (id) => ({ ...labResult(id), ...kept(`{"id":"${wide}"}`) })],
];

/** All columns but those that tell when, and how often before. */
async function rowOf(id: string): Promise<object | undefined> {
  const [row] = await test.database.query(
    `select id, patient_id, record_state, is_active, encode(digest, 'hex') as digest, created_by, updated_by,
       deleted_position is null as is_there, source_version, origin, retracted_by, refers_to, own,
       source_id is null as is_not_kept, encode(source_digest, 'hex') as source_digest, contract,
       created_position <= position as is_in_order, updated_by,
       regexp_replace(body, '"(created_ts|updated_ts|deleted_ts|version)":[^,}]*', '', 'g') as body
     from record where collection = 'lab_results' and id = $1`,
    [id],
  );
  return row;
}

describe('a new record', () => {
  it.each(records)('%s is stored as one that changes', async (_, record) => {
    const fresh = record('fresh');
    await test.write([fresh]);
    const written = await rowOf(fresh.id);
    const other = { ...fresh, content: labResult('fresh', { note: 'another' }).content };
    await test.write([{ ...other, recordState: 'active', unconditional: true }]);
    expect(await rowOf(fresh.id)).not.toEqual(written);
    await test.write([{ ...fresh, unconditional: true }]);
    expect(await rowOf(fresh.id)).toEqual(written);
    expect(written).toBeDefined();
    await test.database.query(`delete from record where collection = 'lab_results' and id = $1`, [
      fresh.id,
    ]);
  });

  it('is served with its content, its position and its first version', async () => {
    const fresh = labResult('served', { note: escaped + wide });
    await test.write([fresh]);
    const stored = await test.store.find('lab_results', fresh.id);
    const { version, created_ts, updated_ts, deleted_ts, ...rest } = JSON.parse(
      stored?.body.toString() ?? '{}',
    ) as Record<string, unknown>;
    expect(rest).toMatchObject(JSON.parse(fresh.content) as object);
    expect([version, deleted_ts]).toEqual([1, null]);
    expect(created_ts).toBe(updated_ts);
    const [row] = await test.database.query(
      `select to_char(to_timestamp(0) at time zone 'UTC' + position * interval '1 microsecond', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time
       from record where collection = 'lab_results' and id = $1`,
      [fresh.id],
    );
    expect(updated_ts).toBe(row?.time);
  });
});
