/** Stored records with the resources they were made from, page by page, and how they are written anew. */
import type { RecordState } from '../../contract/collections.js';
import type { Database } from '../../db/database.js';
import { type RecordText, withoutFacts } from './existing-rows.js';
import type { Complete } from './facts.js';
import { completeAll } from './pending-batch.js';
import { unpacked } from './sources.js';
import { type Load, noCounts, type WriteCounts } from './staged-record.js';
import { contentOf, lock, prepareStaging, stage, type StagedRow } from './staging-table.js';
import { writeStaged } from './write.js';

export interface StoredRow {
  readonly id: string;
  readonly position: string;
  readonly patientId: string;
  readonly recordState: RecordState;
  /** JSON text of the content. */
  readonly content: string;
  /** The record as its own resource gives it, where facts have changed it. */
  readonly own: RecordText | undefined;
  readonly refersTo: string | undefined;
  readonly sourceVersion: string | undefined;
  readonly origin: string | undefined;
  readonly retractedBy: string | undefined;
  /** One line of JSON. */
  readonly resource: string | undefined;
}

export interface RowsRequest {
  readonly collection: string;
  /** Rows behind this position. */
  readonly after: string;
  /** Rows up to and with this position. */
  readonly through: string;
  readonly limit: number;
  /** Leaves out rows that were written under this contract. */
  readonly notOfContract?: string;
}

interface Row {
  readonly id: string;
  readonly position: string;
  readonly patient_id: string;
  readonly record_state: RecordState;
  readonly body: string;
  readonly source_version: string | null;
  readonly origin: string | null;
  readonly retracted_by: string | null;
  readonly refers_to: string | null;
  readonly own: string | null;
  readonly source_id: string | null;
  readonly source_place: number | null;
}

/** In the order of their positions. */
export async function storedRows(
  database: Database,
  request: RowsRequest,
): Promise<readonly StoredRow[]> {
  const { collection, after, through, limit, notOfContract } = request;
  const rows = await database.query<Row>({
    name: 'stored_rows',
    text: `select id, position, patient_id, record_state, body, source_version, origin, retracted_by,
             refers_to, own, source_id, source_place
           from record
           where collection = $1 and position > $2 and position <= $3 and contract is distinct from $5
           order by position limit $4`,
    values: [collection, after, through, limit, notOfContract],
  });
  const resources = await resourcesOf(database, collection, rows);
  return rows.map((row) => ({
    id: row.id,
    position: row.position,
    patientId: row.patient_id,
    recordState: row.record_state,
    content: contentOf(row.body),
    own: ownTextOf(row),
    refersTo: row.refers_to ?? undefined,
    sourceVersion: row.source_version ?? undefined,
    origin: row.origin ?? undefined,
    retractedBy: row.retracted_by ?? undefined,
    resource: resources.get(row.source_id)?.[row.source_place ?? 0],
  }));
}

function ownTextOf({ body, record_state: recordState, own }: Row): RecordText | undefined {
  return own === null ? undefined : withoutFacts({ content: contentOf(body), recordState }, own);
}

async function resourcesOf(database: Database, collection: string, rows: readonly Row[]) {
  const ids = new Set(rows.flatMap(({ source_id: id }) => (id === null ? [] : [id])));
  const found = await database.query<{ id: string; resources: Buffer }>({
    name: 'stored_resources',
    text: 'select id, resources from source where collection = $1 and id = any($2::bigint[])',
    values: [collection, [...ids]],
  });
  const entries = found.map(async ({ id, resources }) => [id, await unpacked(resources)] as const);
  return new Map<string | null, readonly string[]>(await Promise.all(entries));
}

export interface Rewrite {
  readonly collection: string;
  readonly contract: string;
  readonly load: Load;
  /** Rows that fit as they are. */
  readonly fitting: readonly StoredRow[];
  /** Rows as their own resources give them; each stands only while the stored one is at the position that it expects. */
  readonly changed: readonly StagedRow[];
  readonly complete: Complete;
}

/** Gives rows the contract's fingerprint; what changes takes a version and a position. */
export async function rewrite(database: Database, rows: Rewrite): Promise<WriteCounts> {
  const { collection, contract, load, fitting, changed } = rows;
  return database.transaction(async (client): Promise<WriteCounts> => {
    await client.query(prepareStaging);
    const last = await lock(client, collection);
    await client.query({
      name: 'restamp',
      text: `update record set contract = $2
             where collection = $1 and position = any($3::bigint[])`,
      values: [collection, contract, fitting.map(({ position }) => position)],
    });
    if (changed.length === 0) return { ...noCounts, unchanged: fitting.length };
    const completed = await completeAll(client, collection, changed, rows.complete);
    await stage(client, completed);
    const counts = await writeStaged(client, { collection, contract, load, last, rows: completed });
    return { ...counts, unchanged: counts.unchanged + fitting.length };
  });
}
