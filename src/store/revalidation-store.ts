/** The part of the store that brings stored records to another contract or mapping. */
import type { Contract } from '../contract/contract.js';
import {
  type Waiting,
  beginRevalidation,
  endRevalidation,
  waitingRecords,
} from './contract-state.js';
import type { Database } from './database.js';
import type { WriteCounts } from './staged-record.js';
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
