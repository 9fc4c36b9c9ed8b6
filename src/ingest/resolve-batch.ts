/**
 * What a batch of resources changes: its own records, those that its resources no longer have, and stored records of which
 * it says something else than before.
 *
 * A resource may become several records (a panel, a booking of several patients) and may say something of records of other
 * resources (a fact: a panel of its members, a Specimen of the results that refer to it). Versions of one resource may
 * arrive in any order, in different batches, and the end must be the same. So each resource is resolved as a whole: the
 * newest version that is stored, or that retracted a record, decides. A newer one retracts the stored records that it no
 * longer has; an older one may only add, as retracted, what the newer one had already dropped. Facts are stored whether or
 * not the records that they are about are there yet, and every record that is written is completed with the facts about
 * it; records that no resource of the batch brings are written again only where that changes them.
 *
 * All of it runs under the feed's lock, between looking up what is stored and writing.
 */
import type { CollectionName } from '../contract/collections.js';
import { retractedContent } from '../contract/record-content.js';
import { type Complete, completeRows, restaged } from './complete-record.js';
import type { BatchLookups, BatchWriter } from './write/batch-transaction.js';
import {
  type ExistingRow,
  type Load,
  noCounts,
  type StagedFact,
  type StagedRecord,
  type StagedRow,
  type StoredFact,
  type WriteCounts,
} from './write/staged-record.js';

export interface PendingBatch {
  readonly collection: CollectionName;
  /** Each id at most once, and all records of a resource together. */
  readonly records: readonly StagedRecord[];
  readonly facts?: readonly StagedFact[];
}

/** Where batches are written. */
export interface BatchStore {
  /** Runs `work` in a transaction that locks the collection's feed. */
  inBatch<Result>(
    collection: CollectionName,
    load: Load,
    work: (batch: BatchWriter) => Promise<Result>,
  ): Promise<Result>;
}

export async function writeBatch(
  store: BatchStore,
  batch: PendingBatch,
  load: Load,
  complete: Complete,
): Promise<WriteCounts> {
  if (batch.records.length + (batch.facts?.length ?? 0) === 0) return noCounts;
  return store.inBatch(batch.collection, load, async (writer) =>
    writer.write(await resolveBatch(writer, batch, complete)),
  );
}

/** Also stores the facts. */
async function resolveBatch(
  stored: BatchLookups,
  batch: PendingBatch,
  complete: Complete,
): Promise<readonly StagedRow[]> {
  const { records, facts = [] } = batch;
  const hasFacts = facts.length > 0 || (await stored.hasFacts());
  const ids = hasFacts ? [...new Set([...records, ...facts].map(resourceOf))] : [];
  const factsBefore = await stored.findFacts(ids);
  const resolved = await resolveResources(stored, batch, factsBefore);
  await stored.replaceFacts(resolved.facts, factsBefore);
  if (!hasFacts) return resolved.rows;
  const others = await affectedRecords(stored, resolved, factsBefore);
  const rows = [...resolved.rows, ...others.map(restaged)];
  const completed = await completeRows(stored, rows, complete);
  // Of the others only those that change are written.
  const before = new Map(others.map((row) => [row.id, row]));
  return completed.filter(({ id, content, recordState, own }) => {
    const known = before.get(id);
    const isSame = known?.content === content && known.recordState === recordState;
    return !isSame || known.own !== own;
  });
}

/** Stored records, not among the batch's own, of which a fact says something else now. */
async function affectedRecords(
  stored: BatchLookups,
  { rows, facts }: Resolved,
  factsBefore: ReadonlyMap<string, StoredFact>,
): Promise<readonly ExistingRow[]> {
  const news = facts.filter((fact) => isNews(fact, factsBefore.get(fact.id)));
  const own = new Set(rows.map(({ id }) => id));
  const ids = news.flatMap(({ id, about }) => [...about, ...(factsBefore.get(id)?.about ?? [])]);
  const named = [...new Set(ids)].filter((id) => !own.has(id));
  const found = [
    ...(await stored.findRecords('id', named)),
    ...(await stored.findRecords('refers_to', [...news.map(({ id }) => id)])),
  ];
  const others = new Map(found.map((row) => [row.id, row]));
  return [...others.values()].filter(
    ({ id, recordState }) => !own.has(id) && recordState !== 'erased',
  );
}

/** Whether a resource says something else than before, its version aside. */
function isNews(fact: StagedFact, before: StoredFact | undefined): boolean {
  if (before === undefined) return fact.fields !== '{}';
  return (
    fact.fields !== before.fields ||
    fact.patientId !== before.patientId ||
    fact.about.join('\n') !== before.about.join('\n')
  );
}

interface Resolved {
  /** To compare with what is stored: the batch's own, and those that its resources no longer have. */
  readonly rows: readonly StagedRow[];
  /** What is said now; of a resource that no longer says anything, an empty fact about no record. */
  readonly facts: readonly StagedFact[];
}

/** A resource as it comes: its records and what it says, either of which may be none. */
interface Resource {
  readonly id: string;
  readonly records: readonly StagedRecord[];
  readonly fact: StagedFact | undefined;
  readonly known: readonly ExistingRow[];
  readonly storedFact: StoredFact | undefined;
}

type Retract = (content: string) => string;

/** A resource of one record, which is nearly every one, needs no more than the comparison of that record. */
async function resolveResources(
  stored: BatchLookups,
  { collection, records, facts: staged = [] }: PendingBatch,
  storedFacts: ReadonlyMap<string, StoredFact>,
): Promise<Resolved> {
  const retract = retractedContent(collection);
  const facts = new Map(staged.map((fact) => [fact.id, fact]));
  const resources = new Set([...records.map(resourceOf), ...facts.keys()]);
  const parts = await stored.findRecords('origin', [...resources]);
  const several = new Set([...parts.map(({ key }) => key), ...facts.keys()]);
  for (const { origin } of records) if (origin !== undefined) several.add(origin);
  for (const id of storedFacts.keys()) several.add(id);
  if (several.size === 0) return { rows: records, facts: [] };
  const own = await stored.findRecords('id', [...several]);
  const known = groupBy([...parts, ...own], ({ key }) => key);
  const groups = groupBy(
    records.filter((record) => several.has(resourceOf(record))),
    resourceOf,
  );
  const resolved = [...several].map((id) => {
    const [incoming = [], fact, storedFact] = [groups.get(id), facts.get(id), storedFacts.get(id)];
    const resource = { id, records: incoming, fact, storedFact, known: known.get(id) ?? [] };
    return resolveResource(resource, retract);
  });
  return {
    rows: [
      ...records.filter((record) => !several.has(resourceOf(record))),
      ...resolved.flatMap(({ rows }) => rows),
    ],
    facts: resolved.flatMap((each) => each.facts),
  };
}

/** The id of the resource that a record is made from. */
function resourceOf({ id, origin }: { readonly id: string; readonly origin?: string }): string {
  return origin ?? id;
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string) {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function resolveResource(resource: Resource, retract: Retract): Resolved {
  const { records, fact, known, storedFact } = resource;
  if (isOvertaken(resource)) return { rows: records, facts: [] };
  const { sourceVersion, unconditional = false } = records[0] ?? fact ?? {};
  const versions = known.flatMap(({ sourceVersion: own, retractedBy }) => [own, retractedBy]);
  const newest = [...versions, storedFact?.sourceVersion].reduce(later, undefined) ?? '';
  if (!unconditional && sourceVersion !== undefined && sourceVersion < newest) {
    const rows = records.map((record) => olderRow(record, { known, newest, retract }));
    return { rows, facts: [] };
  }
  const facts = factNow(resource, sourceVersion);
  const isPartial = [fact, ...records].some((each) => each?.isPartial === true);
  if (isPartial) return { rows: records, facts };
  const ids = new Set(records.map(({ id }) => id));
  const dropped = known.filter(({ id }) => !ids.has(id));
  const rows = dropped.flatMap((row) => droppedRow(row, sourceVersion ?? '', retract));
  return { rows: [...records, ...rows], facts };
}

/** Whether it was derived anew from a version that has been replaced since. */
function isOvertaken({ records, known }: Resource): boolean {
  return records.some(({ id, expected }) => {
    const row = known.find((each) => each.id === id);
    return expected !== undefined && row !== undefined && row.position !== expected;
  });
}

function factNow({ id, fact, storedFact }: Resource, version: string | undefined) {
  if (fact !== undefined) return [fact];
  if (storedFact === undefined) return [];
  const empty = { id, about: [], fields: '{}' };
  return [version === undefined ? empty : { ...empty, sourceVersion: version }];
}

interface NewerVersion {
  readonly known: readonly ExistingRow[];
  readonly newest: string;
  readonly retract: Retract;
}

/** An older version may bring a record that the newer one had dropped: it is stored, as retracted. */
function olderRow(record: StagedRecord, { known, newest, retract }: NewerVersion): StagedRow {
  const stored = known.find(({ id }) => id === record.id);
  const retractedBy = stored === undefined ? newest : stored.retractedBy;
  if (retractedBy === undefined) return record;
  const content = retract(record.content);
  return { ...record, recordState: 'retracted', content, retractedBy };
}

function droppedRow(row: ExistingRow, version: string, retract: Retract): readonly StagedRow[] {
  const { retractedBy: by } = row;
  const base = restaged(row);
  // Where its own last version retracted it, a version between that and this one may still bring it.
  const isRetracted = base.recordState === 'retracted' && by !== undefined && by >= version;
  if (isRetracted || base.recordState === 'erased') return [];
  const retractedBy = later(by, version) ?? '';
  return [{ ...base, recordState: 'retracted', content: retract(base.content), retractedBy }];
}

function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
