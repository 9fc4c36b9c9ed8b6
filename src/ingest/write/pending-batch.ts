/** Everything that a batch stages: its own records, those its resources no longer have, and those that it speaks of. */
import type pg from 'pg';
import { knownRows, ownOf, restaged } from './existing-rows.js';
import {
  type Complete,
  type Fact,
  factsNaming,
  hasFacts,
  saysOther,
  type StoredFact,
  storedFacts,
  writeFacts,
} from './facts.js';
import { resourceOf, settleParts } from './parts.js';
import type { StagedFact, StagedRecord } from './staged-record.js';
import { contentOf, type StagedRow } from './staging-table.js';

/** What the store asks of those who know what the fields mean. */
interface Derivation {
  /** The content of a record that its resource no longer has; the same as before without it. */
  readonly retract?: ((content: string) => string) | undefined;
  /** The record with what other resources say of it; the same as before without it. */
  readonly complete?: Complete | undefined;
}

export interface Unsettled extends Derivation {
  readonly collection: string;
  /** Each id at most once, and all records of a resource together. */
  readonly records: readonly StagedRecord[];
  readonly facts?: readonly StagedFact[] | undefined;
}

const unchanged = (content: string) => content;

/** Also keeps the facts, so it is called under the collection's lock, or where nobody else sees them. */
export async function settle(
  client: pg.PoolClient,
  { collection, records, facts = [], retract = unchanged, complete }: Unsettled,
): Promise<readonly StagedRow[]> {
  const isSaid = facts.length > 0 || (await hasFacts(client, collection));
  const resources = isSaid ? [...new Set([...records, ...facts].map(resourceOf))] : [];
  const before = await storedFacts(client, collection, resources);
  const options = { collection, records, facts, storedFacts: before, retract };
  const settled = await settleParts(client, options);
  await writeFacts(client, collection, settled.facts, before);
  if (!isSaid || complete === undefined) return settled.rows;
  const others = await concerned(client, collection, settled, before);
  const rows = [...settled.rows, ...others.map(({ row }) => row)];
  const completed = await completeAll(client, collection, rows, complete);
  // Of the others only those that change are written.
  const stored = new Map(others.map((each) => [each.row.id, each.stored]));
  return completed.filter(({ id, content, recordState, own }) => {
    const known = stored.get(id);
    const isSame = known?.content === content && known.recordState === recordState;
    return !isSame || (known.own ?? undefined) !== own;
  });
}

/** Stored records, not among the batch's own, of which something else is said now. */
async function concerned(
  client: pg.PoolClient,
  collection: string,
  { rows, facts }: { rows: readonly StagedRow[]; facts: readonly StagedFact[] },
  before: ReadonlyMap<string, StoredFact>,
) {
  const news = facts.filter((fact) => saysOther(fact, before.get(fact.id)));
  const own = new Set(rows.map(({ id }) => id));
  const ids = news.flatMap(({ id, about }) => [...about, ...(before.get(id)?.about ?? [])]);
  const named = [...new Set(ids)].filter((id) => !own.has(id));
  const found = [
    ...(await knownRows(client, collection, 'id', named)),
    ...(await knownRows(client, collection, 'refers_to', [...news.map(({ id }) => id)])),
  ];
  const others = new Map(found.map((row) => [row.id, row]));
  return [...others.values()]
    .filter(({ id, record_state: state }) => !own.has(id) && state !== 'erased')
    .map((row) => ({
      row: restaged(row),
      stored: { content: contentOf(row.body), recordState: row.record_state, own: row.own },
    }));
}

/** Rows as their own resources give them become what is stored. */
export async function completeAll(
  client: pg.PoolClient,
  collection: string,
  rows: readonly StagedRow[],
  complete: Complete,
): Promise<readonly StagedRow[]> {
  const naming = await factsNaming(
    client,
    collection,
    rows.map(({ id }) => id),
  );
  const wanted = new Set([...naming.values()].flat());
  for (const { refersTo } of rows) if (refersTo !== undefined) wanted.add(refersTo);
  if (wanted.size === 0) return rows;
  const facts = await storedFacts(client, collection, [...wanted]);
  return rows.map((row) => {
    const said = [
      ...factsOf([row.refersTo ?? ''], facts, true),
      ...factsOf(naming.get(row.id) ?? [], facts, false),
    ];
    if (said.length === 0) return row;
    const { content, recordState } = complete(row, said);
    const own = ownOf(row, { content, recordState });
    return own === undefined ? row : { ...row, content, recordState, own };
  });
}

function factsOf(
  ids: readonly string[],
  facts: ReadonlyMap<string, StoredFact>,
  isReferredTo: boolean,
): readonly Fact[] {
  return ids.flatMap((id) => {
    const fact = facts.get(id);
    if (fact === undefined) return [];
    return [{ id, patientId: fact.patient_id ?? undefined, fields: fact.fields, isReferredTo }];
  });
}
