/** The store: feeds of records in PostgreSQL, written in batches and read as the text that is served. */
import type { Contract } from '../contract/contract.js';
import type { Log } from '../log.js';
import { type AuditStore, openAuditStore } from './audit/audit-store.js';
import { type Database, type ObserveStatement, openDatabase } from './database.js';
import type { Compare } from './compare.js';
import { assertDurable } from './durability.js';
import { type Histories, historiesOn, settleEpochs } from './epoch.js';
import {
  type LoadEnd,
  type LoadStart,
  type PastLoad,
  type PastLoadsOptions,
  endLoad,
  pastLoads,
  startLoad,
} from './loads.js';
import { migrate } from './migrate.js';
import { type Reading, openReading } from './reading.js';
import { type ReplicaConfig, openReplica } from './replica.js';
import type { Sightings } from './sightings.js';
import type { Unsettled } from './settle.js';
import { findResource } from './sources.js';
import { type SoughtResources, knownResources } from './known-resources.js';
import { type RevalidationStore, revalidationOn } from './revalidation-store.js';
import type { Load, StagedRecord, WriteCounts } from './staged-record.js';

export interface Store extends Reading, RevalidationStore, Histories {
  isEmpty(): Promise<boolean>;
  startLoad(start: LoadStart): Promise<Load>;
  write(
    collection: string,
    records: readonly StagedRecord[],
    load: Load,
    more?: Pick<Unsettled, 'facts' | 'retract' | 'complete'>,
  ): Promise<WriteCounts>;
  /** Of resources that a load brings again, the ids of those whose records stand unchanged. */
  knownResources(
    collection: string,
    resources: SoughtResources['resources'],
    mapping: string,
  ): Promise<ReadonlySet<string>>;
  /** What writes would do. */
  comparing<Result>(work: (compare: Compare) => Promise<Result>): Promise<Result>;
  watchSightings<Result>(
    load: Load,
    work: (sightings: Sightings) => Promise<Result>,
  ): Promise<Result>;
  endLoad(load: Load, end: LoadEnd): Promise<void>;
  pastLoads(options: PastLoadsOptions): Promise<readonly PastLoad[]>;
  /** The resource that a record was made from, one line of JSON, where it was kept. */
  resource(collection: string, id: string): Promise<string | undefined>;
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
  const contractOf = fingerprintsOf(contract);
  const replica =
    options.replica && openReplica({ ...options.replica, primary: database, log, observe });
  const { reading, close } = openReading({ database, replica, url, log });
  const audit = openAuditStore(database, { url, migrationUrl, log, observe });
  return {
    ...reading,
    ...historiesOn(database),
    ...revalidationOn(database, contract, contractOf),
    isEmpty: async () => {
      const found = await database.query({ text: 'select from record limit 1' });
      return found.length === 0;
    },
    startLoad: (start) => startLoad(database, start),
    // What writes is loaded by the first who writes: a service only reads.
    write: async (collection, records, load, more) => {
      const { writeBatch } = await import('./write.js');
      const contract = contractOf(collection);
      return writeBatch(database, { ...more, collection, records, load, contract });
    },
    knownResources: (collection, resources, mapping) =>
      knownResources(database, {
        ...{ collection, resources, mapping },
        contract: contractOf(collection),
      }),
    comparing: async (work) => (await import('./compare.js')).comparing(database, work),
    watchSightings: async (load, work) => {
      const { watchSightings } = await import('./sightings.js');
      return watchSightings(database, { load, contractOf }, work);
    },
    endLoad: (load, end) => endLoad(database, load, end),
    pastLoads: (options) => pastLoads(database, options),
    resource: (collection, id) => findResource(database, collection, id),
    audit,
    close: async () => {
      for (const each of [{ close }, replica, audit, database]) await each?.close();
    },
  };
}

/** Of the contract that each collection's records are written under. */
function fingerprintsOf({ collections }: Contract): (collection: string) => string {
  const fingerprints = new Map<string, string>(
    collections.map(({ name, fingerprint }) => [name, fingerprint]),
  );
  return (collection) => {
    const fingerprint = fingerprints.get(collection);
    if (fingerprint === undefined) throw new Error(`no collection ${collection} in the contract`);
    return fingerprint;
  };
}
