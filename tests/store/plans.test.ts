/** Nothing in a page grows with its collection: every list is a range of an index, never a scan or a sort. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readerSettings } from '../../src/db/database.js';
import { type PageRequest, pageStatement } from '../../src/feed/page.js';
import { type TestDatabase, createDatabase } from '../support/database.js';

let database: TestDatabase;
let reader: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`
    insert into feed (collection, last, epoch, database)
    select name, 20000, 1, 'x' from unnest(array['lab_results', 'appointments']) as name`);
  await database.query(`
    insert into record (collection, id, position, version, patient_id, record_state, digest,
      created_position, created_by, updated_by, load_id, contract, body)
    select name, 'ehr:X:' || n, n, 1, 'ehr:Patient:' || (n % 200),
      case when n % 50 = 0 then 'inactive' else 'active' end, '', n, 'ehr', 'ehr', 1, '', '{}'
    from generate_series(1, 20000) as n, unnest(array['lab_results', 'appointments']) as name`);
  reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  await reader.query(readerSettings);
});
afterAll(async () => {
  await reader.end();
  await database.drop();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

async function nodesOf(request: Pick<PageRequest, 'after' | 'filter'>): Promise<readonly string[]> {
  const { text } = pageStatement({
    collection: 'lab_results',
    limit: 100,
    form: 'array',
    ...request,
  });
  const {
    rows: [row],
  } = await reader.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `explain (generic_plan, format json) ${text}`,
  );
  const plan = row?.['QUERY PLAN'][0].Plan;
  const flat = (node: Plan): readonly Plan[] => [node, ...(node.Plans ?? []).flatMap(flat)];
  return (plan === undefined ? [] : flat(plan))
    .filter((node) => node['Relation Name'] !== 'feed')
    .map((node) => [node['Node Type'], node['Relation Name']].filter(Boolean).join(' on '));
}

describe.each(['without statistics', 'with statistics'])('a page, %s,', (statistics) => {
  beforeAll(async () => {
    if (statistics === 'with statistics') await database.query('analyze record');
  });

  it.each([
    ['at the start of the feed', { after: 0, filter: {} }],
    ['in its middle', { after: 10_000, filter: {} }],
    ['at its end', { after: 19_990, filter: {} }],
    ['of a patient', { after: 0, filter: { patient_id: 'ehr:Patient:7' } }],
    ['of what is inactive', { after: 0, filter: { is_active: false } }],
    ['of what is active', { after: 0, filter: { is_active: true } }],
    [
      'of a patient’s active',
      { after: 0, filter: { patient_id: 'ehr:Patient:7', is_active: true } },
    ],
  ])('%s reads an index range of its own partition', async (_, request) => {
    const nodes = await nodesOf(request);
    expect(nodes.filter((node) => node.includes(' on '))).toEqual([
      'Index Scan on record_lab_results',
    ]);
    expect(nodes.filter((node) => /Sort|Seq|Bitmap/.test(node))).toEqual([]);
  });
});
