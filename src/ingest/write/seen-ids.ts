/**
 * Which resources a full extract has, and the records of its source that it no longer has.
 *
 * The ids that were read are kept in a temporary table, on a connection of their own, so an extract may be larger than
 * memory. What is missing is found after the last line, by walking the ids of a source and type in slices. Only records
 * count that were stored before the load began, so what another load writes meanwhile is never marked. A record made with
 * others from one resource is missing when that resource was not seen.
 */
import type pg from 'pg';
import type { Database } from '../../db/database.js';
import type { Load } from './staged-record.js';
import { contentOfBody, lock, prepareStaging, writeStaged } from './staging.js';

interface Kind {
  readonly collection: string;
  /** The FHIR resource type, as it is in the ids. */
  readonly type: string;
}

export interface Missing extends Kind {
  /** Records that the extract no longer has. */
  readonly missing: number;
  /** Records of the kind that were there, the missing ones among them. */
  readonly of: number;
}

export interface SeenIds {
  /** @param ids of resources: the ids of their own records */
  add(collection: string, ids: readonly string[]): Promise<void>;
  /** Finds what of these kinds was there when the load began and was not seen since. */
  findMissing(kinds: readonly Kind[]): Promise<readonly Missing[]>;
  /** Marks what was found; what another load wrote meanwhile stays. */
  mark(): Promise<void>;
}

const recordsASlice = 20_000;
const recordsABatch = 5_000;

export async function trackSeen<Result>(
  database: Database,
  {
    load,
    contractOf,
  }: { readonly load: Load; readonly contractOf: (collection: string) => string },
  work: (seen: SeenIds) => Promise<Result>,
): Promise<Result> {
  return database.session(async (client) => {
    await client.query(createTables);
    const kinds = new Set<string>();
    return work({
      async add(collection, ids) {
        await client.query({
          name: 'add_seen',
          text: 'insert into seen (collection, id) select $1, id from unnest($2::text[]) as id',
          values: [collection, ids],
        });
      },
      async findMissing(wanted) {
        await client.query('create index on seen (collection, id); analyze seen');
        const found: Missing[] = [];
        for (const kind of wanted) {
          kinds.add(kind.collection);
          found.push(await findOfKind(client, load, kind));
        }
        return found;
      },
      async mark() {
        for (const collection of kinds) {
          const marking = { collection, contract: contractOf(collection), load };
          while (await markBatch(client, marking));
        }
      },
    });
  });
}

const createTables = `
  set client_min_messages = warning;
  drop table if exists seen, gone, known_end;
  create temporary table seen (collection text collate "C", id text collate "C");
  create temporary table gone (collection text collate "C", id text collate "C", primary key (collection, id));
  create temporary table known_end as select collection, last from feed`;

async function findOfKind(client: pg.PoolClient, { source }: Load, kind: Kind): Promise<Missing> {
  const { collection, type } = kind;
  let after = `${source}:${type}:`;
  // The character behind the colon: the end of the range of ids.
  const end = `${source}:${type};`;
  const found = { missing: 0, of: 0 };
  for (;;) {
    const { rows } = await client.query<{ last: string | null; there: string; missing: string }>({
      name: 'find_missing',
      text: findStatement,
      values: [collection, after, end, recordsASlice],
    });
    const [{ last, there, missing } = { last: null, there: '0', missing: '0' }] = rows;
    found.of += Number(there);
    found.missing += Number(missing);
    if (last === null) return { ...kind, ...found };
    after = last;
  }
}

const isThere = `record_state not in ('retracted', 'missing', 'erased')
  and position <= (select last from known_end where known_end.collection = $1)`;

const findStatement = `
  with slice as materialized (
    select id, origin, ${isThere} as is_there
    from record where collection = $1 and id > $2 and id < $3 order by id limit $4
  ), unseen as (
    insert into gone (collection, id)
    select $1, id from slice where is_there and not exists (
      select from seen where seen.collection = $1 and seen.id = coalesce(slice.origin, slice.id)
    ) returning id
  )
  select max(id) as last, count(*) filter (where is_there) as there,
    (select count(*) from unseen) as missing
  from slice`;

/** Whether there is more. A failure ends the session, and with it the transaction. */
async function markBatch(
  client: pg.PoolClient,
  { collection, contract, load }: Marking,
): Promise<boolean> {
  await client.query('begin isolation level read committed');
  await client.query(prepareStaging);
  const last = await lock(client, collection);
  await client.query({
    name: 'stage_missing',
    text: stageStatement,
    values: [collection, recordsABatch],
  });
  await writeStaged(client, { collection, contract, load, last, rows: [] });
  const { rowCount } = await client.query('select from gone where collection = $1 limit 1', [
    collection,
  ]);
  await client.query('commit');
  return rowCount === 1;
}

interface Marking {
  readonly collection: string;
  readonly contract: string;
  readonly load: Load;
}

const stageStatement = `
  with marked as (
    delete from gone where collection = $1
      and id = any(array(select id from gone where collection = $1 limit $2)) returning id
  )
  insert into staged (n, id, patient_id, record_state, digest, source_version, origin, retracted_by,
    keeps_source, refers_to, own, content)
  select row_number() over (), record.id, patient_id, 'missing', digest, source_version, origin,
    retracted_by, true, refers_to, own, content
  from marked cross join lateral (
    select record.id, patient_id, digest, source_version, origin, retracted_by, refers_to, own,
      ${contentOfBody} as content
    from record where collection = $1 and record.id = marked.id and ${isThere} offset 0
  ) as record`;
