/**
 * The transaction that writes one batch, as verbs: what is stored under these keys, which facts are known, write these
 * rows.
 *
 * The transaction holds the lock of its collection's feed from its first statement until it commits. So nothing that was
 * looked up can change before it is written, and positions reach readers in the order in which they were taken. Rows whose
 * ids are not stored are copied straight into their table (`new-records.ts`); the others are staged and compared with what
 * is stored (`staging.ts`), and what did not change takes no position. What the rows mean is known to the caller alone.
 */
import type pg from 'pg';
import { type Database, partitionOf } from '../../db/database.js';
import { findPlaces, insertNew } from './new-records.js';
import {
  type ExistingRow,
  type Load,
  noCounts,
  type StagedFact,
  type StagedRow,
  type StoredFact,
  type WriteCounts,
} from './staged-record.js';
import {
  contentOf,
  lock,
  prepareStaging,
  stage,
  type StagedBatch,
  writeStaged,
} from './staging.js';

export interface BatchLookups {
  /** Stored records by one of their keys, each with the key under which it was found. */
  findRecords(key: RecordKey, values: readonly string[]): Promise<readonly FoundRow[]>;
  /** Whether the collection has any facts. */
  hasFacts(): Promise<boolean>;
  findFacts(ids: readonly string[]): Promise<ReadonlyMap<string, StoredFact>>;
  /** The ids of the facts that name a record, sorted. */
  findFactsAbout(recordIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** @param before what was stored under the ids of these facts */
  replaceFacts(
    facts: readonly StagedFact[],
    before: ReadonlyMap<string, StoredFact>,
  ): Promise<void>;
}

export interface BatchWriter extends BatchLookups {
  /** @param rows each id at most once */
  write(rows: readonly StagedRow[]): Promise<WriteCounts>;
}

export interface BatchTransaction extends BatchWriter {
  /** Gives the records at these positions the fingerprint of the present contract. */
  restamp(positions: readonly string[]): Promise<void>;
}

export interface BatchTarget {
  readonly collection: string;
  /** Fingerprint of the contract that the records were checked against. */
  readonly contract: string;
  readonly load: Load;
}

/** Runs `work` in one transaction, which a failure rolls back. */
export async function inBatch<Result>(
  database: Database,
  target: BatchTarget,
  work: (batch: BatchTransaction) => Promise<Result>,
): Promise<Result> {
  const { collection, contract } = target;
  return database.transaction(async (client) => {
    await client.query(prepareStaging);
    const last = await lock(client, collection);
    return work({
      ...lookupsOn(client, collection),
      write: (rows) => writeRows(client, { ...target, last, rows }),
      async restamp(positions) {
        await client.query({
          name: 'restamp',
          text: `update record set contract = $2
                 where collection = $1 and position = any($3::bigint[])`,
          values: [collection, contract, positions],
        });
      },
    });
  });
}

async function writeRows(client: pg.PoolClient, batch: StagedBatch): Promise<WriteCounts> {
  const { collection, rows, last } = batch;
  if (rows.length === 0) return noCounts;
  const places = await findPlaces(client, collection, rows, last);
  const fresh = rows.filter((_, n) => !places.stored.has(n));
  const newest = await insertNew(client, { ...batch, rows: fresh, places });
  if (fresh.length === rows.length) return { ...noCounts, created: fresh.length };
  const stored = rows.filter((_, n) => places.stored.has(n));
  await stage(client, stored);
  const counts = await writeStaged(client, { ...batch, rows: stored, last: newest });
  return { ...counts, created: counts.created + fresh.length };
}

export function lookupsOn(client: pg.PoolClient, collection: string): BatchLookups {
  return {
    findRecords: (key, values) => findRecords(client, collection, key, values),
    hasFacts: () => hasFacts(client, collection),
    findFacts: (ids) => findFacts(client, collection, ids),
    findFactsAbout: (recordIds) => findFactsAbout(client, collection, recordIds),
    replaceFacts: (facts, before) => replaceFacts(client, collection, facts, before),
  };
}

type RecordKey = 'id' | 'origin' | 'refers_to';

interface FoundRow extends ExistingRow {
  readonly key: string;
}

interface Row {
  readonly key: string;
  readonly id: string;
  readonly position: string;
  readonly patient_id: string;
  readonly record_state: ExistingRow['recordState'];
  readonly source_version: string | null;
  readonly retracted_by: string | null;
  readonly origin: string | null;
  readonly refers_to: string | null;
  readonly own: string | null;
  readonly body: string;
}

// Each key is looked up by itself: for a list of keys the planner may think that reading the whole collection costs less.
const recordsBy = (collection: string, column: RecordKey) => `
  select keys.key, known.* from unnest($2::text[]) as keys (key) cross join lateral (
    select id, position, patient_id, record_state, source_version, retracted_by, origin, refers_to,
      own, body
    from ${partitionOf(collection)} as record where collection = $1 and ${column} = keys.key and ${column} is not null offset 0
  ) as known`;

async function findRecords(
  client: pg.PoolClient,
  collection: string,
  column: RecordKey,
  values: readonly string[],
): Promise<readonly FoundRow[]> {
  if (values.length === 0) return [];
  const { rows } = await client.query<Row>({
    name: `records_by_${column}_${collection}`,
    text: recordsBy(collection, column),
    values: [collection, values],
  });
  return rows.map((row) => ({
    ...{ key: row.key, id: row.id, position: row.position, patientId: row.patient_id },
    ...{ recordState: row.record_state, content: contentOf(row.body) },
    sourceVersion: row.source_version ?? undefined,
    retractedBy: row.retracted_by ?? undefined,
    origin: row.origin ?? undefined,
    refersTo: row.refers_to ?? undefined,
    own: row.own ?? undefined,
  }));
}

async function hasFacts(client: pg.PoolClient, collection: string): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'has_facts',
    text: 'select from fact where collection = $1 limit 1',
    values: [collection],
  });
  return rowCount === 1;
}

interface FactRow {
  readonly id: string;
  readonly source_version: string | null;
  readonly patient_id: string | null;
  readonly about: readonly string[];
  readonly fields: string;
}

const factsById = `
  select fact.* from unnest($2::text[]) as keys (id) cross join lateral (
    select id, source_version, patient_id, about, fields
    from fact where collection = $1 and fact.id = keys.id offset 0
  ) as fact`;

async function findFacts(
  client: pg.PoolClient,
  collection: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredFact>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<FactRow>({
    name: 'facts_by_id',
    text: factsById,
    values: [collection, ids],
  });
  const facts = rows.map(({ id, source_version: version, patient_id: patient, about, fields }) => ({
    ...{ id, about, fields },
    sourceVersion: version ?? undefined,
    patientId: patient ?? undefined,
  }));
  return new Map(facts.map((fact) => [fact.id, fact]));
}

async function findFactsAbout(
  client: pg.PoolClient,
  collection: string,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await client.query<{ record_id: string; fact_id: string }>({
    name: 'facts_about',
    text: `select keys.id as record_id, fact_id from unnest($2::text[]) as keys (id)
           cross join lateral (
             select fact_id from fact_about where collection = $1 and record_id = keys.id offset 0
           ) as about order by fact_id`,
    values: [collection, recordIds],
  });
  const facts = new Map<string, string[]>();
  for (const { record_id: id, fact_id: fact } of rows) {
    facts.set(id, [...(facts.get(id) ?? []), fact]);
  }
  return facts;
}

async function replaceFacts(
  client: pg.PoolClient,
  collection: string,
  facts: readonly StagedFact[],
  before: ReadonlyMap<string, StoredFact>,
): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map(({ id, sourceVersion, patientId, about, fields }) => ({
    ...{ id, source_version: sourceVersion, patient_id: patientId, about, fields },
  }));
  await client.query({
    name: 'write_facts',
    text: `insert into fact (collection, id, source_version, patient_id, about, fields)
           select $1, id, source_version, patient_id, about, fields from json_to_recordset($2::json)
             as given (id text, source_version text, patient_id text, about text[], fields text)
           on conflict (collection, id) do update set source_version = excluded.source_version,
             patient_id = excluded.patient_id, about = excluded.about, fields = excluded.fields`,
    values: [collection, JSON.stringify(rows)],
  });
  const ids = facts.map(({ id }) => id);
  await client.query({
    name: 'delete_about',
    text: `delete from fact_about
           where collection = $1 and record_id = any($2::text[]) and fact_id = any($3::text[])`,
    values: [collection, ids.flatMap((id) => before.get(id)?.about ?? []), ids],
  });
  const pairs = facts.flatMap(({ id, about }) => about.map((record) => [record, id] as const));
  await client.query({
    name: 'write_about',
    text: `insert into fact_about (collection, record_id, fact_id)
           select $1, * from unnest($2::text[], $3::text[]) on conflict do nothing`,
    values: [collection, pairs.map(([record]) => record), pairs.map(([, fact]) => fact)],
  });
}
