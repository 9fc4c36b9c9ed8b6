/** What a batch would change, found without writing anything. */
import type { Database } from './database.js';
import { settleParts } from './parts.js';
import { type WriteCounts, noCounts } from './staged-record.js';
import { contentOf, prepareStaging, stage } from './staging-table.js';
import type { Batch } from './write.js';
import { comparison } from './write-statement.js';

export interface Comparison extends WriteCounts {
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

/** @param most changes that are told; all are counted */
export async function compareBatch(
  database: Database,
  batch: Pick<Batch, 'collection' | 'records' | 'retract'>,
  most: number,
): Promise<Comparison> {
  if (batch.records.length === 0) return { ...noCounts, changes: [] };
  return database.transaction(async (client): Promise<Comparison> => {
    await client.query(prepareStaging);
    const { collection, records, retract = (content: string) => content } = batch;
    const rows = await settleParts(client, { collection, records, retract });
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
  });
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
  with ${comparison("''")}, told as (
    select n, compared.id, compared.record_state as state, content, record.record_state as stored_state,
      record.body as stored_body
    from (select * from compared where is_accepted and differs order by n limit $2) as compared
    left join record on record.collection = $1 and record.id = compared.id
  )
  select count(*) filter (where is_accepted and is_new) as created,
    count(*) filter (where is_accepted and differs and not is_new) as updated,
    count(*) filter (where not is_accepted) as older,
    (select json_agg(told order by n) from told) as changes
  from compared`;
