/** The store: feeds of records in PostgreSQL, written in batches and read as the text that is served. */
import { type AuditStore, openAuditStore } from './audit/audit-table.js';
import type { Contract } from './contract/contract.js';
import { type Database, type ObserveStatement, openDatabase } from './db/database.js';
import { assertDurable } from './db/durability.js';
import { migrate } from './db/migrate.js';
import { type Histories, historiesOn, settleEpochs } from './feed/epoch.js';
import { openReading, type Reading } from './feed/reading.js';
import { openReplica, type ReplicaConfig } from './feed/replica-routing.js';
import type { Compare } from './ingest/write/compare.js';
import {
  endLoad,
  type LoadEnd,
  type LoadStart,
  type PastLoad,
  pastLoads,
  type PastLoadsOptions,
  startLoad,
} from './ingest/write/loads.js';
import type { Unsettled } from './ingest/write/pending-batch.js';
import { revalidationOn, type RevalidationStore } from './ingest/write/revalidation-store.js';
import type { Sightings } from './ingest/write/seen-ids.js';
import { findResource } from './ingest/write/sources.js';
import type { Load, StagedRecord, WriteCounts } from './ingest/write/staged-record.js';
import type { Log } from './log.js';

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
      const { writeBatch } = await import('./ingest/write/write.js');
      const contract = contractOf(collection);
      return writeBatch(database, { ...more, collection, records, load, contract });
    },
    knownResources: (collection, resources, mapping) =>
      knownResources(database, {
        ...{ collection, resources, mapping },
        contract: contractOf(collection),
      }),
    comparing: async (work) =>
      (await import('./ingest/write/compare.js')).comparing(database, work),
    watchSightings: async (load, work) => {
      const { watchSightings } = await import('./ingest/write/seen-ids.js');
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

interface SoughtResources {
  readonly collection: string;
  readonly contract: string;
  /** Version of the mapping that must have made the records. */
  readonly mapping: string;
  readonly resources: readonly { readonly id: string; readonly digest: string }[];
}

/** The ids of those that need not be looked at again. */
async function knownResources(
  database: Database,
  { collection, contract, mapping, resources }: SoughtResources,
): Promise<ReadonlySet<string>> {
  const [row] = await database.query<{ ids: string | null }>({
    name: 'known_resources',
    text: `select string_agg(id, e'\\n') as ids
           from known_resources($1, $2, $3, string_to_array($4, e'\\n'), string_to_array($5, e'\\n')) as id`,
    // Neither holds control characters, and a text is written and read faster than a list.
    values: [
      ...[collection, contract, mapping],
      resources.map(({ id }) => id).join('\n'),
      resources.map(({ digest }) => digest).join('\n'),
    ],
  });
  return new Set(row?.ids?.split('\n'));
}
