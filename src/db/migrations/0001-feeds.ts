/** Feeds, their records, what changed when, what records were made from, and the loads that brought them. */

export const feeds = `
create table feed (
  collection text primary key,
  last       bigint not null default 0, -- the newest position: microseconds since 1970, 0 while empty
  epoch      bigint not null,           -- microseconds since 1970 at which this history began
  database   text   not null,           -- system identifier and oid of the database that the epoch belongs to
  contract   text   not null default '', -- fingerprint that every record was written under; empty when there are several
  superseded text[] not null default '{}', -- contracts that it had before, the oldest first: their services go on
  revalidating text not null default '' -- fingerprint that a revalidation under way brings the records to
);

create table load (
  id      bigint generated always as identity primary key,
  source  text        not null,
  started timestamptz not null default clock_timestamp(),
  ended   timestamptz,
  files   jsonb       not null default '[]', -- name, bytes and SHA-256 of each
  counts  jsonb       not null default '{}', -- what became of the records, and what was peculiar about them
  mapping text                               -- version of the mapping
);
create index load_source on load (source, id);

-- A partition for each collection of the contract is made at start, so that none grows by another's records.
-- No foreign keys: a check for each row of a batch would cost more than the write, and rows are never deleted.
-- Keys compare by their bytes: quicker than by a language's rules, and a prefix of an id is a range.
create table record (
  collection       text    collate "C" not null,
  id               text    collate "C" not null,
  position         bigint  not null,
  version          integer not null,
  patient_id       text    collate "C" not null,
  record_state     text    not null,
  is_active        boolean not null generated always as (record_state = 'active') stored,
  digest           bytea   not null, -- SHA-256 of the content: decides whether anything changed
  created_position bigint  not null,
  created_by       text    not null,
  updated_by       text    not null,
  deleted_position bigint,
  source_version   text    collate "C", -- what the source said last of its version, as text that sorts by age
  origin           text    collate "C", -- of one of several records made from a resource: the resource's own record id
  retracted_by     text    collate "C", -- version of the resource that no longer had this record; empty when it had none
  source_id        bigint,  -- where the resource stands that it was made from, in table source
  source_place     smallint,
  source_digest    bytea,   -- 64 bits of the resource's digest: decides whether the kept source is still the same
  load_id          bigint  not null,
  contract         text    not null, -- fingerprint of the contract that the body was written under
  body             text    not null, -- the JSON text as it is served: content, then audit columns
  primary key (collection, id),
  unique (collection, position)
) partition by list (collection);
create index record_patient on record (collection, patient_id, position);
create index record_inactive on record (collection, position) where not is_active;
create index record_origin on record (collection, origin) where origin is not null;

-- Append only. A record's history is read backwards from its position; an index by id would cost more than the row.
create table change (
  collection text    collate "C" not null,
  position   bigint  not null,
  id         text    collate "C" not null,
  version    integer not null,
  load_id    bigint  not null,
  previous   bigint, -- position of the version before
  primary key (collection, position)
);

-- Resources that records were made from, many in a row: alone, a resource of 700 bytes compresses to half, among its
-- like to a tenth, in a tenth of the time.
create table source (
  collection text     collate "C" not null,
  id         bigint   not null,
  mapping    text     not null, -- version of the mapping that read them
  live       smallint not null, -- how many of them a record still stands on
  resources  bytea    not null, -- raw deflate of JSON texts with line feeds between
  primary key (collection, id)
);
alter table source alter column resources set storage external; -- compressed already
create sequence source_id increment 1024; -- a batch takes the numbers up to the next

-- The clock that positions follow: the database's, in microseconds.
create function feed_clock() returns bigint language sql volatile
  return (extract(epoch from clock_timestamp()) * 1000000)::bigint;

-- Takes the collection's feed for this transaction and tells its newest position. A function of its own, so
-- that it is an earlier statement, with an earlier snapshot, than the one that compares with what is stored.
create function feed_lock(of_collection text) returns bigint language plpgsql volatile as $$
declare
  newest bigint;
begin
  select last into strict newest from feed where collection = of_collection for update;
  return newest;
end $$;

-- Which records stand on just these resources, by this mapping and contract. Nested loops over indexes only: without
-- statistics the planner would rather read the whole collection.
create function known_resources(
  of_collection text, of_contract text, of_mapping text, ids text[], digests text[]
) returns setof text language sql stable
  set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
  as $$
    select record.id
    from unnest(ids, digests) as sought (id, digest)
    join record on record.collection = of_collection and record.id = sought.id
      and record.source_digest = decode(sought.digest, 'hex')
    join source on source.collection = of_collection and source.id = record.source_id
    where record.contract = of_contract and source.mapping = of_mapping
      and record.retracted_by is null and record.record_state not in ('missing', 'erased')
  $$;

-- A position as RFC 3339: always UTC, always six fraction digits, so that text order is time order.
create function feed_time(at_position bigint) returns text language sql stable
  return to_char(timestamp '1970-01-01' + at_position * interval '1 microsecond', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
`;
