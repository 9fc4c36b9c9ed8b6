/** A write reads the keys of its batch and nothing else of its collection, also where statistics say that it is small. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceDigest } from '../../src/import/known-lines.js';
import type { StagedRecord } from '../../src/store/staged-record.js';
import { openStore } from '../../src/store/store.js';
import { readContract } from '../../src/contract/contract.js';
import { labResult } from '../support/records.js';
import { silent } from '../support/service.js';
import { type TestStore, createTestStore } from '../support/store.js';

const stored = 20_000;
const batch = 400;
/** Entries of indexes for each record of a batch: its key, its parts, its resource, each once or twice. */
const mostReadsARecord = 10;

let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
  await test.database.query(`
    alter table record_lab_results set (autovacuum_enabled = false);
    alter table source set (autovacuum_enabled = false);
    analyze record; analyze source;
    insert into record (collection, id, position, version, patient_id, record_state, digest, origin,
      created_position, created_by, updated_by, source_id, source_place, load_id, contract, body)
    select 'lab_results', 'ehr:Observation:' || n, n, 1, 'ehr:Patient:1', 'active', '',
      case when n % 3 = 0 then 'ehr:Observation:of-' || n end, n, 'ehr', 'ehr', -(n / 64), n % 64, 1, '',
      '{"lab_result_id":"x","created_ts":""}'
    from generate_series(1, ${stored}) as n;
    insert into source (collection, id, mapping, live, resources)
    select 'lab_results', -n, '', 64, '' from generate_series(0, ${stored} / 64) as n;
    update feed set last = ${stored} where collection = 'lab_results'`);
});
afterAll(() => test.close());

interface Reads {
  readonly scans: number;
  readonly tuples: number;
}

async function reads(): Promise<Reads> {
  const [row] = await test.database.query(`
    select sum(idx_scan) as scans, sum(idx_tup_read)
      + (select sum(seq_tup_read) from pg_stat_user_tables
        where relname in ('record_lab_results', 'source')) as tuples
    from pg_stat_user_indexes where relname in ('record_lab_results', 'source')`);
  return { scans: Number(row?.scans), tuples: Number(row?.tuples) };
}

function recordsFrom(first: number): readonly StagedRecord[] {
  return Array.from({ length: batch }, (_, index) => {
    const resource = `{"n":${first + index}}`;
    const kept = { resource, resourceDigest: resourceDigest(resource, false) };
    return { ...labResult(String(first + index)), ...kept };
  });
}

describe('a batch', () => {
  it.each([
    ['of new records', stored + 1],
    ['of changed records', 1],
    ['of records that stand unchanged', 1],
    ['of records some of which are new', stored - batch / 2],
  ])('%s reads its own keys only', async (_, first) => {
    const before = await reads();
    // What a connection read is counted for certain when it closes.
    const store = await openStore({
      url: test.database.url,
      contract: readContract(),
      log: silent,
    });
    const load = await store.startLoad({ source: 'ehr', files: [] });
    const records = recordsFrom(first);
    const sought = records.map(({ id, resourceDigest: digest = '' }) => ({ id, digest }));
    await store.knownResources('lab_results', sought, '');
    await store.compare('lab_results', records, (content) => content, 10);
    await store.write('lab_results', records, load);
    await store.close();
    await expect.poll(async () => (await reads()).scans).toBeGreaterThan(before.scans);
    expect((await reads()).tuples - before.tuples).toBeLessThan(batch * mostReadsARecord);
  });
});
