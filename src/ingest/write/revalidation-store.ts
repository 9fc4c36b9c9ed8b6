/** The part of the store that brings stored records to another contract or mapping. */
import type { Contract } from '../../contract/contract.js';
import type { Database } from '../../db/database.js';
import type { WriteCounts } from './staged-record.js';
import { lock } from './staging-table.js';
import type { Rewrite, RowsRequest, StoredRow } from './stored-rows.js';

export interface RevalidationStore {
  /** Records that have to be brought to this service's contract before it may serve. */
  waitingRecords(): Promise<readonly Waiting[]>;
  beginRevalidation(collection: string): Promise<void>;
  /** Whether every record of the collection stands under the contract now. */
  endRevalidation(collection: string): Promise<boolean>;
  storedRows(request: Omit<RowsRequest, 'notOfContract'>): Promise<readonly StoredRow[]>;
  /** Those that were written under another contract than this service's. */
  rowsOfOtherContracts(request: Omit<RowsRequest, 'notOfContract'>): Promise<readonly StoredRow[]>;
  rewrite(rows: Omit<Rewrite, 'contract'>): Promise<WriteCounts>;
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
    storedRows: async (request) => (await loading()).storedRows(database, request),
    rowsOfOtherContracts: async (request) => {
      const { storedRows } = await loading();
      return storedRows(database, { ...request, notOfContract: contractOf(request.collection) });
    },
    rewrite: async (rows) => {
      const { rewrite } = await loading();
      return rewrite(database, { ...rows, contract: contractOf(rows.collection) });
    },
    async lastPosition(collection) {
      const text = 'select last from feed where collection = $1';
      const [row] = await database.query<{ last: string }>({ text, values: [collection] });
      return row?.last ?? '0';
    },
  };
}

/** By the first who needs it: a service that only serves does not. */
const loading = () => import('./stored-rows.js');

interface Waiting {
  readonly collection: string;
  /** Records that still have to be brought to this service's contract. */
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

/** Whether all records now stand under the contract; not when some do not, or another writer came between. */
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
