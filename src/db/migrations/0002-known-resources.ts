/** The search for records that stand unchanged reads its own keys only, whatever the statistics say. */

export const knownResources = `
-- Which records stand on just these resources, by this mapping and contract. Nested loops over indexes
-- only, in this order: without statistics the planner would rather begin with the whole of a collection.
create or replace function known_resources(
  of_collection text, of_contract text, of_mapping text, ids text[], digests text[]
) returns setof text language sql stable
  set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
  set enable_bitmapscan = off
  as $$
    select sought.id
    from unnest(ids, digests) as sought (id, digest)
    cross join lateral (
      select source_id from record
      where record.collection = of_collection and record.id = sought.id
        and record.source_digest = decode(sought.digest, 'hex') and record.contract = of_contract
        and record.retracted_by is null and record.record_state not in ('missing', 'erased')
      offset 0
    ) as known
    cross join lateral (
      select from source
      where source.collection = of_collection and source.id = known.source_id
        and source.mapping = of_mapping
      offset 0
    ) as kept
  $$;
`;
