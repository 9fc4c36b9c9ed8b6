/**
 * The temporary table into which the rows of a batch are copied, and the statement that compares them with what is stored
 * and writes what changed.
 *
 * One statement does all of it, so a batch of thousands costs a few round trips. It runs under the feed's lock: no row can
 * come between the comparison and the write. A row is accepted unless its source calls the stored version newer. An
 * accepted row whose content or state differs takes the next position and version; one that differs only in what the
 * store remembers of it (its source's version, its kept resource) is updated where it is and no reader hears of it. Stored
 * rows are written by a conflict with their key, never by a join: no plan of a join would be safe from reading the whole
 * collection.
 */
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { deleteSources, insertSources, resourcesARow } from './sources.js';
import type { Load, StagedRow, WriteCounts } from './staged-record.js';

// Nested loops over indexes only, by the batch's own keys: the staged rows have no statistics, and those of a collection
// that is just growing say that it is small, so the planner would rather read all of it for every batch.
export const prepareStaging = `
  set local client_min_messages = warning;
  create temporary table if not exists staged (
    n integer, id text collate "C", patient_id text collate "C", record_state text, digest bytea,
    source_version text collate "C", floor text collate "C", origin text collate "C",
    retracted_by text collate "C", source_digest bytea, keeps_source boolean, expected bigint,
    refers_to text collate "C", own text, content text
  ) on commit delete rows;
  set local enable_hashjoin = off;
  set local enable_mergejoin = off;
  set local enable_seqscan = off;
  set local enable_bitmapscan = off;
  set local enable_material = off;
  set local jit = off;
  set local work_mem = '64MB'`;

const quote = '\x01';

/** JSON text and printable ids hold no control characters, so with these as quote and delimiter they arrive untouched. */
export async function stage(client: pg.PoolClient, rows: readonly StagedRow[]): Promise<void> {
  const sink = client.query(
    copyFrom(`copy staged from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')`),
  );
  await pipeline(Readable.from([Buffer.from(rows.map(rowText).join(''))]), sink);
}

function rowText(row: StagedRow, n: number): string {
  const { sourceVersion = '', unconditional = false, retractedBy, resourceDigest } = row;
  const {
    id,
    patientId,
    recordState,
    origin = '',
    content,
    keepsSource = false,
    expected = '',
    refersTo = '',
    own = '',
  } = row;
  const floor = unconditional ? '' : sourceVersion;
  const retraction = retractedBy === undefined ? '' : quote + retractedBy + quote;
  const source = resourceDigest === undefined ? '' : `\\x${resourceDigest}`;
  const digest = `\\x${hash('sha256', content)}`;
  const facts = `${n}\x02${id}\x02${patientId}\x02${recordState}\x02${digest}\x02${sourceVersion}\x02`;
  const more = `${floor}\x02${origin}\x02${retraction}\x02${source}\x02${keepsSource ? 't' : 'f'}\x02${expected}\x02${refersTo}\x02${own}\x02`;
  // The closing brace is left out: the audit columns come behind the content.
  return `${facts}${more}${content.slice(0, -1)}\n`;
}

/** In JSON text a quote inside a string is escaped, so the first audit column is found by its own name. */
const firstAuditColumn = ',"created_ts":"';

/** The content of a stored record, as SQL of its row, without the closing brace. */
export const contentOfBody = `split_part(body, '${firstAuditColumn}', 1)`;

/** The content of a stored record. */
export function contentOf(body: string): string {
  return `${body.slice(0, body.indexOf(firstAuditColumn))}}`;
}

/** Holds the collection's feed until the transaction ends. */
export async function lock(client: pg.PoolClient, collection: string): Promise<string> {
  const { rows } = await client.query<{ last: string }>({
    name: 'lock',
    text: 'select feed_lock($1) as last',
    values: [collection],
  });
  return rows[0]?.last ?? '0';
}

export interface StagedBatch {
  readonly collection: string;
  /** Fingerprint of the contract that the records were checked against. */
  readonly contract: string;
  readonly load: Load;
  readonly rows: readonly StagedRow[];
  /** The feed's newest position. */
  readonly last: string;
}

interface Written {
  readonly created: string;
  readonly updated: string;
  readonly older: string;
  readonly total: string;
  readonly first_source: string;
  /** The rows whose resource is kept, in the order of their places. */
  readonly kept: readonly number[] | null;
  /** Rows of resources of which no record is left. */
  readonly emptied: readonly string[] | null;
}

/** Compares the staged rows with what is stored and writes what changed. */
export async function writeStaged(
  client: pg.PoolClient,
  { collection, contract, rows, load, last }: StagedBatch,
): Promise<WriteCounts> {
  const found = await client.query<Written>({
    name: 'write',
    text: writeStatement,
    values: [collection, last, load.source, load.id.toString(), contract, load.mapping ?? ''],
  });
  const [written] = found.rows;
  if (written === undefined) throw new Error('the write returned no counts');
  if (written.kept !== null) {
    const resources = written.kept.map((n) => rows[n]?.resource ?? '');
    const firstId = BigInt(written.first_source);
    await insertSources(client, { collection, firstId, mapping: load.mapping ?? '', resources });
  }
  if (written.emptied !== null) await deleteSources(client, collection, written.emptied);
  const { created, updated, older, total } = written;
  const counts = { created: Number(created), updated: Number(updated), older: Number(older) };
  const touched = counts.created + counts.updated + counts.older;
  return { ...counts, unchanged: Number(total) - touched };
}

/**
 * Of each staged row, whether it is accepted and what it changes. $1 is the collection.
 * @param mapping the version of the mapping, as SQL
 */
export const comparison = (mapping: string) => `
  compared as materialized (
    select staged.*, known.id is null as is_new, known.position as previous, known.version as known_version,
      known.created_position, known.created_by, known.deleted_position,
      known.source_id as known_source, known.source_place as known_place,
      known.source_digest as known_digest,
      known.id is null or (staged.floor is null or known.source_version is null
        or staged.floor >= known.source_version)
        and (staged.expected is null or staged.expected = known.position) as is_accepted,
      known.id is null or known.digest <> staged.digest or known.record_state <> staged.record_state
        as differs,
      (known.source_version, known.retracted_by, known.refers_to, known.own) is distinct from
        (staged.source_version, staged.retracted_by, staged.refers_to, staged.own)
        or staged.source_digest <> known.source_digest
        or (staged.source_digest is null) <> (known.source_digest is null)
          and not staged.keeps_source
        or source.mapping <> ${mapping} as is_news
    from staged left join record as known on known.collection = $1 and known.id = staged.id
    left join source on source.collection = $1 and source.id = known.source_id
      and known.source_digest = staged.source_digest
  )`;

/**
 * Values: collection, the feed's newest position, the source's name, the load, the contract's fingerprint,
 * the version of the mapping.
 */
const writeStatement = `
  with start as materialized (
    select greatest($2::bigint, feed_clock()) as position, nextval('source_id') as source_id
  ), ${comparison('$6')}, accepted as materialized (
    select compared.*, start.position + count(*) filter (where differs) over sequence as position,
      coalesce(known_version, 0) + 1 as version,
      case when source_digest is not null
        then start.source_id + (kept - 1) / ${resourcesARow} end as source_id,
      case when source_digest is not null then (kept - 1) % ${resourcesARow} end as source_place
    from start, (
      select *, count(source_digest) over (order by n rows unbounded preceding) as kept
      from compared where is_accepted and (differs or is_news)
    ) as compared
    window sequence as (order by n rows unbounded preceding)
  ), moved as materialized (
    select n, id, patient_id, record_state, digest, source_version, origin, retracted_by, refers_to,
      own, content, position, version, previous, is_new, feed_time(position) as updated_ts,
      coalesce(created_position, position) as created_position,
      coalesce(created_by, $3) as created_by,
      case when record_state in ('retracted', 'missing', 'erased')
        then coalesce(deleted_position, position) end as deleted_position,
      case when keeps_source then known_source else source_id end as source_id,
      case when keeps_source then known_place else source_place end as source_place,
      case when keeps_source then known_digest else source_digest end as source_digest
    from accepted where differs
  ), created as (
    insert into record (collection, id, position, version, patient_id, record_state, digest,
      created_position, created_by, updated_by, deleted_position, source_version, origin, retracted_by,
      source_id, source_place, source_digest, refers_to, own, load_id, contract, body)
    select $1, id, position, version, patient_id, record_state, digest, created_position, created_by,
      $3, deleted_position, source_version, origin, retracted_by, source_id, source_place, source_digest,
      refers_to, own, $4::bigint, $5, ${bodyOf('moved')}
    from moved where is_new
  ), updated as (
    insert into record (collection, id, position, version, patient_id, record_state, digest,
      created_position, created_by, updated_by, deleted_position, source_version, origin, retracted_by,
      source_id, source_place, source_digest, refers_to, own, load_id, contract, body)
    select $1, id, position, version, patient_id, record_state, digest, created_position, created_by,
      $3, deleted_position, source_version, origin, retracted_by, source_id, source_place, source_digest,
      refers_to, own, $4::bigint, $5, ${bodyOf('moved')}
    from moved where not is_new
    on conflict (collection, id) do update set
      position = excluded.position, version = excluded.version, patient_id = excluded.patient_id,
      record_state = excluded.record_state, digest = excluded.digest,
      updated_by = excluded.updated_by, deleted_position = excluded.deleted_position,
      source_version = excluded.source_version, origin = excluded.origin,
      retracted_by = excluded.retracted_by, source_id = excluded.source_id,
      source_place = excluded.source_place, source_digest = excluded.source_digest,
      refers_to = excluded.refers_to, own = excluded.own,
      load_id = excluded.load_id, contract = excluded.contract, body = excluded.body
  ), remembered as (
    insert into record (collection, id, position, version, patient_id, record_state, digest,
      created_position, created_by, updated_by, source_version, retracted_by, refers_to, own,
      source_id, source_place, source_digest, load_id, contract, body)
    select $1, id, 0, 0, '', '', '', 0, '', '', source_version, retracted_by, refers_to, own,
      case when keeps_source then known_source else source_id end,
      case when keeps_source then known_place else source_place end,
      case when keeps_source then known_digest else source_digest end, 0, '', ''
    from accepted where not differs
    on conflict (collection, id) do update set
      source_version = excluded.source_version, retracted_by = excluded.retracted_by,
      refers_to = excluded.refers_to, own = excluded.own,
      source_id = excluded.source_id, source_place = excluded.source_place,
      source_digest = excluded.source_digest
  ), freed as materialized (
    select known_source as id, count(*) as rows from accepted
    where known_source is not null and not keeps_source group by known_source
  ), shrunk as (
    insert into source (collection, id, mapping, live, resources)
    select $1, id, '', rows, '' from freed
    on conflict (collection, id) do update set live = source.live - excluded.live
    returning id, live
  ), logged as (
    insert into change (collection, position, id, version, load_id, previous)
    select $1, position, id, version, $4::bigint, previous from moved
  ), advanced as (
    ${advance('select max(position) as position from moved', '$5')}
  )
  select count(*) filter (where is_accepted and is_new) as created,
    count(*) filter (where is_accepted and differs and not is_new) as updated,
    count(*) filter (where not is_accepted) as older, count(*) as total,
    (select source_id from start) as first_source,
    (select array_agg(n order by n) from accepted where source_digest is not null) as kept,
    (select array_agg(id) from shrunk where live <= 0) as emptied
  from compared`;

/**
 * Moves the feed of $1 to a position, if there is one.
 * @param position a query, as SQL
 * @param contract fingerprint of the contract that the records were checked against, as SQL
 */
export function advance(position: string, contract: string): string {
  return `update feed set last = newest.position,
      contract = case when contract = ${contract} then contract else '' end,
      superseded = case when contract in ('', ${contract}) or ${contract} = any(superseded) then superseded
        else superseded || contract end,
      revalidating = case when revalidating = ${contract} then revalidating else '' end
    from (${position}) as newest
    where collection = $1 and newest.position is not null`;
}

/** The served text: content without its closing brace, then the audit columns in the contract's order. */
function bodyOf(row: string): string {
  return `${row}.content
    || ',"created_ts":"' || case when ${row}.is_new then ${row}.updated_ts
      else feed_time(${row}.created_position) end
    || '","updated_ts":"' || ${row}.updated_ts
    || '","created_by":' || to_json(${row}.created_by)
    || ',"updated_by":' || to_json($3::text)
    || ',"is_active":' || case when ${row}.record_state = 'active' then 'true' else 'false' end
    || ',"record_state":"' || ${row}.record_state
    || '","deleted_ts":' || coalesce('"' || feed_time(${row}.deleted_position) || '"', 'null')
    || ',"version":' || ${row}.version || '}'`;
}
