/** The store: feeds of records in PostgreSQL, written in batches and read as the text that is served. */
import { type AuditStore, openAuditStore } from './audit/table.js';
import type { Contract } from './contract/contract.js';
import { type Database, type ObserveStatement, openDatabase } from './db/database.js';
import { assertDurable } from './db/durability.js';
import { migrate } from './db/migrate.js';
import { type Histories, historiesOn, settleEpochs } from './feed/epoch.js';
import { openFeedReader, type FeedReader } from './feed/reading.js';
import { openReplica, type ReplicaConfig } from './feed/replica-routing.js';
import { type LoadStore, loadStoreOn } from './ingest/write/load-store.js';
import type { Log } from './log.js';

export interface Store extends FeedReader, LoadStore, Histories {
  readonly audit: Omit<AuditStore, 'close'>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly url: string;
  /** Where migrations run under another role than the service's. */
  readonly migrationUrl?: string | undefined;
  /** Where records are read, and how far behind it may be. */
  readonly replica?: ReplicaConfig | undefined;
  readonly contract: Contract;
  readonly log: Log;
  readonly observe?: ObserveStatement | undefined;
  /** Whether another process has migrated and settled already. */
  readonly isPrepared?: boolean;
}

/**
 * Migrates, settles the epochs, and answers the store.
 * @throws UnsafeStoreError
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const database = openDatabase(options);
  try {
    if (options.isPrepared !== true) await prepare(database, options);
  } catch (error) {
    await database.close();
    throw error;
  }
  return storeOn(database, options);
}

async function prepare(
  database: Database,
  { url, migrationUrl, contract, log }: StoreOptions,
): Promise<void> {
  const collections = contract.collections.map(({ name }) => name);
  const serviceRole = migrationUrl === undefined ? undefined : await roleOf(database);
  await migrate({ url: migrationUrl ?? url, collections, serviceRole });
  await assertDurable(database);
  const renewed = await settleEpochs(database, contract.collections);
  if (renewed.length > 0) {
    log.warn({ collections: renewed }, 'the database is another one: its feeds begin a new epoch');
  }
}

async function roleOf(database: Database): Promise<string | undefined> {
  const [row] = await database.query<{ role: string }>({ text: 'select current_user as role' });
  return row?.role;
}

function storeOn(database: Database, options: StoreOptions): Store {
  const { url, migrationUrl, contract, log, observe } = options;
  const replica =
    options.replica && openReplica({ ...options.replica, primary: database, log, observe });
  const { reading, close } = openFeedReader({ database, replica, url, log });
  const audit = openAuditStore(database, { url, migrationUrl, log, observe });
  return {
    ...reading,
    ...historiesOn(database),
    ...loadStoreOn(database, contract),
    audit,
    close: async () => {
      for (const each of [{ close }, replica, audit, database]) await each?.close();
    },
  };
}
