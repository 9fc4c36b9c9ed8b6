/** What a resource says of other records: a panel of its members, a specimen of the results that refer to it. */

export const facts = `
create table fact (
  collection     text   collate "C" not null,
  id             text   collate "C" not null, -- of the resource that says it, as a record's id would be
  source_version text   collate "C",
  patient_id     text   collate "C",          -- whose resource it is; null when it does not say
  about          text[] not null,             -- ids of the records that it names; empty where records refer to it
  fields         text   not null,             -- JSON object of what it says
  primary key (collection, id)
);

create table fact_about (
  collection text collate "C" not null,
  record_id  text collate "C" not null,
  fact_id    text collate "C" not null,
  primary key (collection, record_id, fact_id)
);

alter table record add column refers_to text collate "C"; -- id of the fact that the record itself refers to
alter table record add column own text; -- JSON object: what its own resource gives where a fact has changed it
create index record_refers_to on record (collection, refers_to) where refers_to is not null;
`;
