/** One statement that compares staged rows with what is stored and writes what changed, its positions included. */
import { resourcesARow } from './sources.js';

/**
 * Of each staged row, whether it may stand and what it changes. $1 is the collection.
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
 * The collection's lock is held, so no row can come between the comparison and the write. Known rows are reached by the
 * conflict with their key, never by a join: no plan of a join would be safe from beginning with the collection.
 */
export const writeStatement = `
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
