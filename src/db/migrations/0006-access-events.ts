/** Who was given which versions of which records: append only, chained, a partition for each month. */

export const audit = `
create table audit (
  chain     uuid        not null, -- each writer's own
  seq       bigint      not null, -- 1, 2, 3 … in the chain
  at        timestamptz not null,
  discloses text,                 -- the collection of which records left; null where none did
  event     text        not null, -- JSON text: place, time and facts, as they are digested
  hash      bytea       not null, -- SHA-256 of the hash before, a line feed and the event
  primary key (chain, seq, at)
) partition by range (at);

-- Where a chain goes on whose beginning was dropped with its month.
create table audit_pruned (
  chain   uuid        not null,
  seq     bigint      not null, -- the last link that was dropped
  hash    bytea       not null,
  month   text        not null,
  dropped timestamptz not null default clock_timestamp(),
  primary key (chain, seq)
);

create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is append only' using errcode = 'insufficient_privilege';
end $$;

create trigger audit_append_only before update or delete on audit for each row execute function audit_refuse();
create trigger audit_append_only before update or delete on audit_pruned for each row execute function audit_refuse();
create trigger audit_not_emptied before truncate on audit for each statement execute function audit_refuse();
create trigger audit_not_emptied before truncate on audit_pruned for each statement execute function audit_refuse();

-- Makes the partitions of a month and of the one after it. Under its owner, so that the service needs no right to
-- change the schema.
create function audit_partitions(of_time timestamptz) returns void
  language plpgsql security definer set search_path from current as $$
declare
  month date;
  name text;
begin
  for ahead in 0..1 loop
    month := date_trunc('month', of_time at time zone 'UTC') + ahead * interval '1 month';
    name := 'audit_' || to_char(month, 'YYYY_MM');
    continue when to_regclass(name) is not null;
    perform pg_advisory_xact_lock(hashtext('audit_partitions'));
    begin
      execute format('create table %I partition of audit for values from (%L) to (%L)', name,
        month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
      execute format('create trigger audit_not_emptied before truncate on %I for each statement execute function audit_refuse()', name);
    exception when duplicate_table then
      -- Another session made it, of which this one learns no sooner.
      null;
    end;
  end loop;
end $$;
revoke execute on function audit_partitions(timestamptz) from public;

-- Whose record it was before, where a source gives a record to another patient: up to and with this position.
create table former_patient (
  collection text   collate "C" not null,
  id         text   collate "C" not null,
  through    bigint not null,
  patient_id text   collate "C" not null,
  primary key (collection, id, through)
);
create index former_patient_patient on former_patient (patient_id);

create function remember_patient() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  insert into former_patient (collection, id, through, patient_id)
    values (old.collection, old.id, new.position - 1, old.patient_id) on conflict do nothing;
  return new;
end $$;

create trigger remember_patient before update of patient_id on record for each row
  when (old.patient_id <> new.patient_id) execute function remember_patient();
`;
