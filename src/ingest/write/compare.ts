/** What batches would change, found without writing anything. */
import type pg from 'pg';
import type { Database } from '../../db/database.js';
import { type BatchLookups, lookupsOn } from './batch-transaction.js';
import type { StagedRow, WriteCounts } from './staged-record.js';
import { comparison, contentOf, prepareStaging, stage } from './staging.js';

interface Comparison extends WriteCounts {
  readonly changes: readonly Change[];
}

/** A record that would be created or updated. */
export interface Change {
  readonly id: string;
  readonly state: string;
  /** JSON text of the content. */
  readonly content: string;
  /** What is stored now; nothing when the record is new. */
  readonly stored: { readonly state: string; readonly content: string } | undefined;
}

export interface ComparedBatch extends BatchLookups {
  /** @param most changes that are returned; all are counted */
  compare(rows: readonly StagedRow[], most: number): Promise<Comparison>;
}

export type Compare = <Result>(
  collection: string,
  work: (batch: ComparedBatch) => Promise<Result>,
) => Promise<Result>;

/** Batches are compared one after another on a connection of their own, which remembers their facts. */
export async function comparing<Result>(
  database: Database,
  work: (compare: Compare) => Promise<Result>,
): Promise<Result> {
  return database.session(async (client) => {
    await client.query(shadowTables);
    return work((collection, batch) => compareBatch(client, collection, batch));
  });
}

// Temporary tables hide the others of their names, so facts are written to these.
const shadowTables = `
  create temporary table fact as select * from fact;
  create temporary table fact_about as select * from fact_about;
  alter table pg_temp.fact add primary key (collection, id);
  alter table pg_temp.fact_about add primary key (collection, record_id, fact_id)`;

/** A failure ends the session, and with it the transaction. */
async function compareBatch<Result>(
  client: pg.PoolClient,
  collection: string,
  work: (batch: ComparedBatch) => Promise<Result>,
): Promise<Result> {
  await client.query('begin isolation level read committed');
  await client.query(prepareStaging);
  const result = await work({
    ...lookupsOn(client, collection),
    compare: (rows, most) => compareRows(client, collection, rows, most),
  });
  await client.query('commit');
  return result;
}

async function compareRows(
  client: pg.PoolClient,
  collection: string,
  rows: readonly StagedRow[],
  most: number,
): Promise<Comparison> {
  await stage(client, rows);
  const { rows: found } = await client.query<Row>({
    name: 'compare',
    text: compareStatement,
    values: [collection, most],
  });
  const [{ changes, ...counts } = none] = found;
  const created = Number(counts.created);
  const updated = Number(counts.updated);
  const older = Number(counts.older);
  const unchanged = rows.length - created - updated - older;
  return { created, updated, older, unchanged, changes: (changes ?? []).map(changeOf) };
}

interface Row {
  readonly created: string;
  readonly updated: string;
  readonly older: string;
  readonly changes: readonly ChangedRow[] | null;
}

const none: Row = { created: '0', updated: '0', older: '0', changes: null };

interface ChangedRow {
  readonly id: string;
  readonly state: string;
  readonly content: string;
  readonly stored_state: string | null;
  readonly stored_body: string | null;
}

function changeOf({
  id,
  state,
  content,
  stored_state: storedState,
  stored_body: body,
}: ChangedRow) {
  const stored =
    storedState === null || body === null
      ? undefined
      : { state: storedState, content: contentOf(body) };
  return { id, state, content: `${content}}`, stored };
}

const compareStatement = `
  with ${comparison("''")}, listed as (
    select n, compared.id, compared.record_state as state, content, record.record_state as stored_state,
      record.body as stored_body
    from (select * from compared where is_accepted and differs order by n limit $2) as compared
    left join record on record.collection = $1 and record.id = compared.id
  )
  select count(*) filter (where is_accepted and is_new) as created,
    count(*) filter (where is_accepted and differs and not is_new) as updated,
    count(*) filter (where not is_accepted) as older,
    (select json_agg(listed order by n) from listed) as changes
  from compared`;
