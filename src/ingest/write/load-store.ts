/** All that loads do in the database: the log of loads, what is known already, and the ways to write. */
import type { Contract } from '../../contract/contract.js';
import type { Database } from '../../db/database.js';
import type { BatchTransaction } from './batch-transaction.js';
import type { Compare } from './compare.js';
import { type RevalidationStore, revalidationOn } from './revalidation.js';
import type { SeenIds } from './seen-ids.js';
import { findResource } from './sources.js';
import type { Load } from './staged-record.js';

export interface LoadStore extends RevalidationStore {
  isEmpty(): Promise<boolean>;
  startLoad(start: LoadStart): Promise<Load>;
  /** Runs `work` in one transaction that locks the collection's feed. */
  inBatch<Result>(
    collection: string,
    load: Load,
    work: (batch: BatchTransaction) => Promise<Result>,
  ): Promise<Result>;
  /** Of resources that are loaded again, the ids of those whose records are unchanged. */
  knownResources(
    collection: string,
    resources: readonly ResourceVersion[],
    mapping: string,
  ): Promise<ReadonlySet<string>>;
  /** Compares batches with what is stored and writes nothing. */
  comparing<Result>(work: (compare: Compare) => Promise<Result>): Promise<Result>;
  trackSeen<Result>(load: Load, work: (seen: SeenIds) => Promise<Result>): Promise<Result>;
  endLoad(load: Load, end: LoadEnd): Promise<void>;
  pastLoads(options: PastLoadsOptions): Promise<readonly PastLoad[]>;
  /** The resource that a record was made from, one line of JSON, where it was kept. */
  resource(collection: string, id: string): Promise<string | undefined>;
}

export interface LoadStart {
  readonly source: string;
  /** What the files are called. */
  readonly files: readonly string[];
  /** Version of the mapping that makes the records. */
  readonly mapping?: string;
}

export interface LoadedFile {
  readonly name: string;
  readonly bytes: number;
  /** Of the file as it is stored, hexadecimal. */
  readonly sha256: string;
}

export interface LoadEnd {
  readonly files: readonly LoadedFile[];
  readonly counts: object;
}

export interface PastLoad {
  readonly id: bigint;
  readonly source: string;
  readonly started: Date;
  /** Absent when it runs, or was interrupted. */
  readonly ended: Date | undefined;
  readonly files: readonly (Pick<LoadedFile, 'name'> & Partial<LoadedFile>)[];
  readonly counts: Readonly<Record<string, unknown>>;
  readonly mapping: string | undefined;
}

export interface PastLoadsOptions {
  readonly limit: number;
  /** Loads of this source only. */
  readonly source?: string | undefined;
  /** Loads that came to their end only. */
  readonly ended?: boolean;
}

/** A resource by its id and the digest of the text that a record was made from. */
interface ResourceVersion {
  readonly id: string;
  readonly digest: string;
}

export function loadStoreOn(database: Database, contract: Contract): LoadStore {
  const contractOf = fingerprintsOf(contract);
  return {
    ...revalidationOn(database, contract, contractOf),
    isEmpty: async () => {
      const found = await database.query({ text: 'select from record limit 1' });
      return found.length === 0;
    },
    startLoad: (start) => startLoad(database, start),
    // What writes is imported by the first load: a service only reads.
    inBatch: async (collection, load, work) => {
      const { inBatch } = await import('./batch-transaction.js');
      return inBatch(database, { collection, contract: contractOf(collection), load }, work);
    },
    knownResources: (collection, resources, mapping) =>
      knownResources(database, {
        ...{ collection, resources, mapping },
        contract: contractOf(collection),
      }),
    comparing: async (work) => (await import('./compare.js')).comparing(database, work),
    trackSeen: async (load, work) => {
      const { trackSeen } = await import('./seen-ids.js');
      return trackSeen(database, { load, contractOf }, work);
    },
    endLoad: (load, end) => endLoad(database, load, end),
    pastLoads: (options) => pastLoads(database, options),
    resource: (collection, id) => findResource(database, collection, id),
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

export async function startLoad(database: Database, start: LoadStart): Promise<Load> {
  const { source, files, mapping } = start;
  const [row] = await database.query<{ id: string }>({
    text: 'insert into load (source, files, mapping) values ($1, $2, $3) returning id',
    values: [source, JSON.stringify(files.map((name) => ({ name }))), mapping],
  });
  if (row === undefined) throw new Error('the insert returned no number of the load');
  return { id: BigInt(row.id), source, ...(mapping !== undefined && { mapping }) };
}

async function endLoad(database: Database, load: Load, end: LoadEnd): Promise<void> {
  await database.query({
    text: 'update load set ended = clock_timestamp(), files = $2, counts = $3 where id = $1',
    values: [load.id.toString(), JSON.stringify(end.files), JSON.stringify(end.counts)],
  });
}

interface Row {
  readonly id: string;
  readonly source: string;
  readonly started: Date;
  readonly ended: Date | null;
  readonly files: PastLoad['files'];
  readonly counts: PastLoad['counts'];
  readonly mapping: string | null;
}

/** The newest first. */
async function pastLoads(
  database: Database,
  { limit, source, ended = false }: PastLoadsOptions,
): Promise<readonly PastLoad[]> {
  const rows = await database.query<Row>({
    text: `select id, source, started, ended, files, counts, mapping from load
           where ($1::text is null or source = $1) and (ended is not null or not $2)
           order by id desc limit $3`,
    values: [source, ended, limit],
  });
  return rows.map((row) => ({
    ...row,
    id: BigInt(row.id),
    ended: row.ended ?? undefined,
    mapping: row.mapping ?? undefined,
  }));
}

interface KnownRequest {
  readonly collection: string;
  readonly contract: string;
  /** Version of the mapping that must have made the records. */
  readonly mapping: string;
  readonly resources: readonly ResourceVersion[];
}

async function knownResources(
  database: Database,
  { collection, contract, mapping, resources }: KnownRequest,
): Promise<ReadonlySet<string>> {
  const [row] = await database.query<{ ids: string | null }>({
    name: 'known_resources',
    text: `select string_agg(id, e'\\n') as ids
           from known_resources($1, $2, $3, string_to_array($4, e'\\n'), string_to_array($5, e'\\n')) as id`,
    // Neither has control characters, and a text is written and read faster than a list.
    values: [
      ...[collection, contract, mapping],
      resources.map(({ id }) => id).join('\n'),
      resources.map(({ digest }) => digest).join('\n'),
    ],
  });
  return new Set(row?.ids?.split('\n'));
}
