/** What resources say of other records: kept, so that neither has to come before the other. */
import type pg from 'pg';
import type { RecordText } from './existing-rows.js';
import type { StagedFact } from './staged-record.js';

export interface StoredFact {
  readonly id: string;
  readonly source_version: string | null;
  readonly patient_id: string | null;
  readonly about: readonly string[];
  readonly fields: string;
}

/** What is said of one record. */
export interface Fact {
  readonly id: string;
  readonly patientId: string | undefined;
  /** JSON object. */
  readonly fields: string;
  /** Whether the record refers to it, rather than being named by it. */
  readonly isReferredTo: boolean;
}

/** A record with what is said of it; the facts are in the order of their ids. */
export type Complete = (
  record: RecordText & { readonly patientId: string },
  facts: readonly Fact[],
) => RecordText;

export async function hasFacts(client: pg.PoolClient, collection: string): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'has_facts',
    text: 'select from fact where collection = $1 limit 1',
    values: [collection],
  });
  return rowCount === 1;
}

const factsById = `
  select fact.* from unnest($2::text[]) as sought (id) cross join lateral (
    select id, source_version, patient_id, about, fields
    from fact where collection = $1 and fact.id = sought.id offset 0
  ) as fact`;

export async function storedFacts(
  client: pg.PoolClient,
  collection: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredFact>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<StoredFact>({
    name: 'facts_by_id',
    text: factsById,
    values: [collection, ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** The ids of the facts that name a record, in their order. */
export async function factsNaming(
  client: pg.PoolClient,
  collection: string,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await client.query<{ record_id: string; fact_id: string }>({
    name: 'facts_naming',
    text: `select sought.id as record_id, fact_id from unnest($2::text[]) as sought (id)
           cross join lateral (
             select fact_id from fact_about where collection = $1 and record_id = sought.id offset 0
           ) as named order by fact_id`,
    values: [collection, recordIds],
  });
  const naming = new Map<string, string[]>();
  for (const { record_id: id, fact_id: fact } of rows) {
    naming.set(id, [...(naming.get(id) ?? []), fact]);
  }
  return naming;
}

/** Writes what is said now in place of what was said before. */
export async function writeFacts(
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
             as said (id text, source_version text, patient_id text, about text[], fields text)
           on conflict (collection, id) do update set source_version = excluded.source_version,
             patient_id = excluded.patient_id, about = excluded.about, fields = excluded.fields`,
    values: [collection, JSON.stringify(rows)],
  });
  const ids = facts.map(({ id }) => id);
  await client.query({
    name: 'forget_about',
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

/** Whether a resource says something else than before, its version aside. */
export function saysOther(fact: StagedFact, before: StoredFact | undefined): boolean {
  if (before === undefined) return fact.fields !== '{}';
  return (
    fact.fields !== before.fields ||
    (fact.patientId ?? null) !== before.patient_id ||
    fact.about.join('\n') !== before.about.join('\n')
  );
}
