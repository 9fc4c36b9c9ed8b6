/** Stored records page by page with the resources they were made from, and how far each collection is checked against the present contract. */
import type { RecordState } from '../../contract/collections.js';
import type { Contract } from '../../contract/contract.js';
import type { Database } from '../../db/database.js';
import { unpacked } from './sources.js';
import type { ExistingRow } from './staged-record.js';
import { contentOf, lock } from './staging.js';

export interface RevalidationStore {
  /** Records that have to be migrated to this service's contract before it may serve. */
  waitingRecords(): Promise<readonly Waiting[]>;
  beginRevalidation(collection: string): Promise<void>;
  /** Whether every record of the collection is under the contract now. */
  endRevalidation(collection: string): Promise<boolean>;
  storedRows(request: Omit<RowsRequest, 'notOfContract'>): Promise<readonly StoredRow[]>;
  /** Those that were written under another contract than this service's. */
  rowsOfOtherContracts(request: Omit<RowsRequest, 'notOfContract'>): Promise<readonly StoredRow[]>;
  /** The newest position of a collection. */
  lastPosition(collection: string): Promise<string>;
}

/** Counting reads every record, so a count is good for a while. */
const countedForMs = 10_000;

export function revalidationOn(
  database: Database,
  { collections }: Contract,
  contractOf: (collection: string) => string,
): RevalidationStore {
  let counted: { readonly atMs: number; readonly waiting: readonly Waiting[] } | undefined;
  return {
    async waitingRecords() {
      const isFresh = counted !== undefined && performance.now() - counted.atMs < countedForMs;
      if (counted !== undefined && isFresh) return counted.waiting;
      const waiting = await waitingRecords(database, collections);
      counted = waiting.length === 0 ? undefined : { atMs: performance.now(), waiting };
      return waiting;
    },
    beginRevalidation: (collection) =>
      beginRevalidation(database, collection, contractOf(collection)),
    endRevalidation: (collection) => endRevalidation(database, collection, contractOf(collection)),
    storedRows: (request) => storedRows(database, request),
    rowsOfOtherContracts: (request) =>
      storedRows(database, { ...request, notOfContract: contractOf(request.collection) }),
    async lastPosition(collection) {
      const text = 'select last from feed where collection = $1';
      const [row] = await database.query<{ last: string }>({ text, values: [collection] });
      return row?.last ?? '0';
    },
  };
}

interface Waiting {
  readonly collection: string;
  /** Records that still have to be migrated to this service's contract. */
  readonly records: number;
}

interface OfContract {
  readonly name: string;
  readonly fingerprint: string;
}

/** What this service has to wait for: nothing once its contract was reached, also when a newer one has followed. */
async function waitingRecords(
  database: Database,
  collections: readonly OfContract[],
): Promise<readonly Waiting[]> {
  const behind = await database.query<{ collection: string; fingerprint: string }>({
    name: 'contract_state',
    text: `select collection, fingerprint
           from unnest($1::text[], $2::text[]) as served (collection, fingerprint)
           join feed using (collection)
           where contract <> fingerprint and fingerprint <> all(superseded) order by collection`,
    values: [collections.map(({ name }) => name), collections.map((of) => of.fingerprint)],
  });
  const waiting: Waiting[] = [];
  for (const { collection, fingerprint } of behind) {
    const records = await countOthers(database, collection, fingerprint);
    waiting.push({ collection, records });
  }
  return waiting;
}

/** Records that were written under another contract. */
async function countOthers(
  database: Database,
  collection: string,
  fingerprint: string,
): Promise<number> {
  const [row] = await database.query<{ count: string }>({
    text: 'select count(*) from record where collection = $1 and contract <> $2',
    values: [collection, fingerprint],
  });
  return Number(row?.count);
}

/** From now on a writer of another contract is noticed. */
async function beginRevalidation(
  database: Database,
  collection: string,
  fingerprint: string,
): Promise<void> {
  await database.query({
    text: 'update feed set revalidating = $2 where collection = $1',
    values: [collection, fingerprint],
  });
}

/** Whether all records are under the contract now, and no writer of another contract came between. */
async function endRevalidation(
  database: Database,
  collection: string,
  fingerprint: string,
): Promise<boolean> {
  if ((await countOthers(database, collection, fingerprint)) > 0) return false;
  return database.transaction(async (client) => {
    await lock(client, collection);
    const { rowCount } = await client.query(
      `update feed set contract = $2, revalidating = '',
         superseded = case
           when $2 = any(superseded) then superseded[: array_position(superseded, $2) - 1]
           when contract in ('', $2) then superseded
           else superseded || contract end
       where collection = $1 and (revalidating = $2 or contract = $2)`,
      [collection, fingerprint],
    );
    return rowCount === 1;
  });
}

export interface StoredRow extends ExistingRow {
  /** One line of JSON. */
  readonly resource: string | undefined;
}

interface RowsRequest {
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
async function storedRows(database: Database, request: RowsRequest): Promise<readonly StoredRow[]> {
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
    own: row.own ?? undefined,
    refersTo: row.refers_to ?? undefined,
    sourceVersion: row.source_version ?? undefined,
    origin: row.origin ?? undefined,
    retractedBy: row.retracted_by ?? undefined,
    resource: resources.get(row.source_id)?.[row.source_place ?? 0],
  }));
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
