/** Feeds, their records, what changed when, what records were made from, and the loads that brought them. */

export const feeds = `
create table feed (
  collection text primary key,
  last       bigint not null default 0, -- the newest position: microseconds since 1970, 0 while empty
  epoch      bigint not null,           -- microseconds since 1970 at which this history began
  database   text   not null            -- system identifier and oid of the database that the epoch belongs to
);

create table load (
  id      bigint generated always as identity primary key,
  source  text        not null,
  started timestamptz not null default clock_timestamp(),
  ended   timestamptz,
  files   jsonb       not null default '[]',
  counts  jsonb       not null default '{}',
  mapping text
);

-- A partition for each collection of the contract is made at start, so that none grows by another's records.
-- No foreign keys: a check for each row of a batch would cost more than the write, and rows are never deleted.
create table record (
  collection       text    not null,
  id               text    not null,
  position         bigint  not null,
  version          integer not null,
  patient_id       text    not null,
  record_state     text    not null,
  is_active        boolean not null generated always as (record_state = 'active') stored,
  digest           bytea   not null, -- SHA-256 of the content: decides whether anything changed
  created_position bigint  not null,
  created_by       text    not null,
  updated_by       text    not null,
  deleted_position bigint,
  source_version   text,
  load_id          bigint  not null,
  contract         text    not null, -- fingerprint of the contract that the body was written under
  body             text    not null, -- the JSON text as it is served: content, then audit columns
  primary key (collection, id),
  unique (collection, position)
) partition by list (collection);
create index record_patient on record (collection, patient_id, position);
create index record_inactive on record (collection, position) where not is_active;

create table change (
  collection text    not null,
  position   bigint  not null,
  id         text    not null,
  version    integer not null,
  load_id    bigint  not null,
  primary key (collection, position)
);
create index change_id on change (collection, id, version);

create table source (
  collection text  not null,
  id         text  not null,
  mapping    text  not null,
  resource   bytea not null, -- compressed
  primary key (collection, id)
);

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

-- A position as RFC 3339: always UTC, always six fraction digits, so that text order is time order.
create function feed_time(at_position bigint) returns text language sql stable
  return to_char(timestamp '1970-01-01' + at_position * interval '1 microsecond', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
`;
