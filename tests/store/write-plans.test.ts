/** A write reads the keys of its batch and nothing else of its collection, also where statistics say that it is small. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceDigest } from '../../src/ingest/known-lines.js';
import { writeBatch } from '../../src/ingest/resolve-batch.js';
import type { StagedRecord } from '../../src/ingest/write/staged-record.js';
import { openStore } from '../../src/store.js';
import { readContract } from '../../src/contract/contract.js';
import { labResult } from '../support/records.js';
import { silent } from '../support/service.js';
import { type TestStore, createTestStore } from '../support/store.js';

const stored = 20_000;
const batch = 400;
/** Entries of indexes for each record of a batch: its key, its parts, its resource, what is said, each once or twice. */
const mostReadsARecord = 20;

let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
  await test.database.query(`
    alter table record_lab_results set (autovacuum_enabled = false);
    alter table source set (autovacuum_enabled = false);
    alter table fact set (autovacuum_enabled = false);
    alter table fact_about set (autovacuum_enabled = false);
    analyze record; analyze source; analyze fact; analyze fact_about;
    insert into record (collection, id, position, version, patient_id, record_state, digest, origin,
      created_position, created_by, updated_by, source_id, source_place, load_id, contract, body)
    select 'lab_results', 'ehr:Observation:' || n, n, 1, 'ehr:Patient:1', 'active', '',
      case when n % 3 = 0 then 'ehr:Observation:of-' || n end, n, 'ehr', 'ehr', -(n / 64), n % 64, 1, '',
      '{"lab_result_id":"x","created_ts":""}'
    from generate_series(1, ${stored}) as n;
    insert into source (collection, id, mapping, live, resources)
    select 'lab_results', -n, '', 64, '' from generate_series(0, ${stored} / 64) as n;
    insert into fact (collection, id, about, fields)
    select 'lab_results', 'ehr:Observation:' || n, array['ehr:Observation:' || n + 1], '{}'
    from generate_series(1, ${stored}) as n;
    insert into fact_about (collection, record_id, fact_id)
    select 'lab_results', unnest(about), id from fact;
    update feed set last = ${stored} where collection = 'lab_results'`);
});
afterAll(() => test.close());

const records = ['record_lab_results', 'source'];
// A comparison begins with a copy of these.
const said = ['fact', 'fact_about'];

interface Reads {
  readonly scans: number;
  readonly tuples: number;
}

async function reads(tables: readonly string[]): Promise<Reads> {
  const [row] = await test.database.query(
    `select sum(idx_scan) as scans, sum(idx_tup_read)
      + (select sum(seq_tup_read) from pg_stat_user_tables
        where relname = any($1)) as tuples
    from pg_stat_user_indexes where relname = any($1)`,
    [tables],
  );
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
    const before = await reads(records);
    // What a connection read is counted for certain when it closes.
    const store = await openStore({
      url: test.database.url,
      contract: readContract(),
      log: silent,
    });
    const load = await store.startLoad({ source: 'ehr', files: [] });
    const staged = recordsFrom(first);
    const sought = staged.map(({ id, resourceDigest: digest = '' }) => ({ id, digest }));
    await store.knownResources('lab_results', sought, '');
    await store.comparing((compare) => compare('lab_results', (rows) => rows.compare(staged, 10)));
    const beforeSaid = await reads(said);
    const facts = staged.map(({ id }) => ({ id, about: [`${id}0`], fields: '{"panel_id":"x"}' }));
    const changes = { collection: 'lab_results', records: staged, facts } as const;
    await writeBatch(store, changes, load, (record) => record);
    await store.close();
    await expect.poll(async () => (await reads(records)).scans).toBeGreaterThan(before.scans);
    expect((await reads(records)).tuples - before.tuples).toBeLessThan(batch * mostReadsARecord);
    const saidAfter = (await reads(said)).tuples;
    expect(saidAfter - beforeSaid.tuples).toBeLessThan(batch * mostReadsARecord + 2 * stored);
  });
});
