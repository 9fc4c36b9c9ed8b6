/** A store on a database of a test's own, without a service before it. */
import { readContract } from '../../src/contract/contract.js';
import type { StagedRecord, WriteCounts } from '../../src/ingest/write/staged-record.js';
import { type Store, openStore } from '../../src/store.js';
import { writeBatch } from '../../src/ingest/resolve-batch.js';
import { type TestDatabase, createDatabase } from './database.js';
import { silent } from './service.js';

export interface TestStore {
  readonly store: Store;
  readonly database: TestDatabase;
  /** Writes lab results in a load of their own. */
  write(records: readonly StagedRecord[]): Promise<WriteCounts>;
  close(): Promise<void>;
}

export async function createTestStore(): Promise<TestStore> {
  const database = await createDatabase();
  const store = await openStore({ url: database.url, contract: readContract(), log: silent });
  return {
    store,
    database,
    write: async (records) => {
      const load = await store.startLoad({ source: 'ehr', files: [] });
      const batch = { collection: 'lab_results', records } as const;
      return writeBatch(store, batch, load, (record) => record);
    },
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
}
