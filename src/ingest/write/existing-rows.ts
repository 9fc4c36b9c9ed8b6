/** Stored records that a batch concerns beside its own, and how one of them is staged again. */
import type pg from 'pg';
import type { RecordState } from '../../contract/collections.js';
import { partitionOf } from '../../db/statement.js';
import { contentOf, type StagedRow } from './staging-table.js';

export interface KnownRow {
  readonly id: string;
  readonly position: string;
  readonly patient_id: string;
  readonly record_state: RecordState;
  readonly source_version: string | null;
  readonly retracted_by: string | null;
  readonly origin: string | null;
  readonly refers_to: string | null;
  readonly own: string | null;
  readonly body: string;
}

/** A record, and the key by which it was sought. */
export interface SoughtRow extends KnownRow {
  readonly sought: string;
}

// Each key is sought by itself: of a list of keys the planner may think that reading the collection is less.
const seekBy = (collection: string, column: 'id' | 'origin' | 'refers_to') => `
  select keys.sought, known.* from unnest($2::text[]) as keys (sought) cross join lateral (
    select id, position, patient_id, record_state, source_version, retracted_by, origin, refers_to,
      own, body
    from ${partitionOf(collection)} as record where collection = $1 and ${column} = keys.sought and ${column} is not null offset 0
  ) as known`;

/** @param column by which the records are sought */
export async function knownRows(
  client: pg.PoolClient,
  collection: string,
  column: 'id' | 'origin' | 'refers_to',
  keys: readonly string[],
): Promise<readonly SoughtRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<SoughtRow>({
    name: `known_by_${column}_${collection}`,
    text: seekBy(collection, column),
    values: [collection, keys],
  });
  return rows;
}

/** The record as it stands, without what facts have changed of it. */
export function restaged(row: KnownRow): StagedRow {
  const { source_version: sourceVersion, retracted_by: retractedBy, origin } = row;
  return {
    ...{ id: row.id, patientId: row.patient_id, unconditional: true, keepsSource: true },
    ...withoutFacts({ content: contentOf(row.body), recordState: row.record_state }, row.own),
    ...(sourceVersion !== null && { sourceVersion }),
    ...(retractedBy !== null && { retractedBy }),
    ...(origin !== null && { origin }),
    ...(row.refers_to !== null && { refersTo: row.refers_to }),
  };
}

/** JSON text of a record's content, and its state. */
export interface RecordText {
  readonly content: string;
  readonly recordState: RecordState;
}

/** The member of `own` that is no field. */
const stateMember = 'record_state';

type Members = Readonly<Record<string, unknown>>;

export function withoutFacts(stored: RecordText, own: string | null): RecordText {
  if (own === null) return stored;
  // Both were written by the store, as objects.
  const { [stateMember]: state, ...fields } = JSON.parse(own) as Members;
  const content = JSON.stringify({ ...(JSON.parse(stored.content) as Members), ...fields });
  return { content, recordState: (state as RecordState | undefined) ?? stored.recordState };
}

/** What of a record facts have changed, as JSON text; nothing when they changed none. */
export function ownOf(record: RecordText, completed: RecordText): string | undefined {
  if (record.content === completed.content && record.recordState === completed.recordState) {
    return undefined;
  }
  const now = JSON.parse(completed.content) as Members;
  const changed = Object.entries(JSON.parse(record.content) as Members).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(now[field]),
  );
  const isOfState = record.recordState !== completed.recordState;
  const own = {
    ...Object.fromEntries(changed),
    ...(isOfState && { [stateMember]: record.recordState }),
  };
  return JSON.stringify(own);
}
