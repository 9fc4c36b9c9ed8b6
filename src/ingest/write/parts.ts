/**
 * Resources that are made into several records, such as a panel, or that speak of others: which record a newer version
 * no longer has, and whether what it says stands, whatever the order in which versions arrive.
 */
import type pg from 'pg';
import { type KnownRow, knownRows, restaged, type SoughtRow } from './existing-rows.js';
import type { StoredFact } from './facts.js';
import type { StagedFact, StagedRecord } from './staged-record.js';
import type { StagedRow } from './staging-table.js';

interface PartsOptions {
  readonly collection: string;
  readonly records: readonly StagedRecord[];
  readonly facts: readonly StagedFact[];
  /** What the resources said before. */
  readonly storedFacts: ReadonlyMap<string, StoredFact>;
  /** The content of a record that its resource no longer has. */
  readonly retract: (content: string) => string;
}

interface Settled {
  /** To compare with what is stored: the batch's own, and those that its resources no longer have. */
  readonly rows: readonly StagedRow[];
  /** What is said now; of a resource that speaks no longer, nothing about nobody. */
  readonly facts: readonly StagedFact[];
}

/** A resource as it comes: its records and what it says, either of which may be none. */
interface Resource {
  readonly id: string;
  readonly records: readonly StagedRecord[];
  readonly fact: StagedFact | undefined;
  readonly known: readonly KnownRow[];
  readonly storedFact: StoredFact | undefined;
}

export async function settleParts(client: pg.PoolClient, options: PartsOptions): Promise<Settled> {
  const { collection, records, storedFacts, retract } = options;
  const facts = new Map(options.facts.map((fact) => [fact.id, fact]));
  const resources = new Set([...records.map(resourceOf), ...facts.keys()]);
  const parts = await knownRows(client, collection, 'origin', [...resources]);
  const several = new Set([...parts.map(({ sought }) => sought), ...facts.keys()]);
  for (const { origin } of records) if (origin !== undefined) several.add(origin);
  for (const id of storedFacts.keys()) several.add(id);
  if (several.size === 0) return { rows: records, facts: [] };
  const own = await knownRows(client, collection, 'id', [...several]);
  const known = groupBy<SoughtRow>([...parts, ...own], ({ sought }) => sought);
  const groups = groupBy(
    records.filter((record) => several.has(resourceOf(record))),
    resourceOf,
  );
  const settled = [...several].map((id) => {
    const [incoming = [], fact, storedFact] = [groups.get(id), facts.get(id), storedFacts.get(id)];
    return settle({ id, records: incoming, fact, storedFact, known: known.get(id) ?? [] }, retract);
  });
  return {
    rows: [
      ...records.filter((record) => !several.has(resourceOf(record))),
      ...settled.flatMap(({ rows }) => rows),
    ],
    facts: settled.flatMap((each) => each.facts),
  };
}

/** The id of the resource that a record is made from. */
export function resourceOf({ id, origin }: Pick<StagedRecord, 'id' | 'origin'>): string {
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

function settle(resource: Resource, retract: PartsOptions['retract']): Settled {
  const { records, fact, known, storedFact } = resource;
  if (isOvertaken(resource)) return { rows: records, facts: [] };
  const { sourceVersion, unconditional = false } = records[0] ?? fact ?? {};
  const versions = known.flatMap(({ source_version: own, retracted_by: by }) => [own, by]);
  const standing = [...versions, storedFact?.source_version ?? null].reduce(later, null) ?? '';
  if (!unconditional && sourceVersion !== undefined && sourceVersion < standing) {
    const rows = records.map((record) => olderRow(record, { known, standing, retract }));
    return { rows, facts: [] };
  }
  const facts = factNow(resource, sourceVersion);
  const isPartial = [fact, ...records].some((each) => each?.isPartial === true);
  if (isPartial) return { rows: records, facts };
  const ids = new Set(records.map(({ id }) => id));
  const gone = known.filter(({ id }) => !ids.has(id));
  const rows = gone.flatMap((row) => goneRow(row, sourceVersion ?? '', retract));
  return { rows: [...records, ...rows], facts };
}

/** Whether it was derived anew from a version that no longer stands. */
function isOvertaken({ records, known }: Resource): boolean {
  return records.some(({ id, expected }) => {
    const row = known.find((each) => each.id === id);
    return expected !== undefined && row !== undefined && row.position !== expected;
  });
}

function factNow({ id, fact, storedFact }: Resource, version: string | undefined) {
  if (fact !== undefined) return [fact];
  if (storedFact === undefined) return [];
  const silent = { id, about: [], fields: '{}' };
  return [version === undefined ? silent : { ...silent, sourceVersion: version }];
}

/** An older version may bring a record that the newer one had dropped: it is stored, as retracted. */
function olderRow(
  record: StagedRecord,
  {
    known,
    standing,
    retract,
  }: { known: readonly KnownRow[]; standing: string } & Pick<PartsOptions, 'retract'>,
): StagedRow {
  const stored = known.find(({ id }) => id === record.id);
  const retractedBy = stored === undefined ? standing : stored.retracted_by;
  if (retractedBy === null) return record;
  const content = retract(record.content);
  return { ...record, recordState: 'retracted', content, retractedBy };
}

function goneRow(
  row: KnownRow,
  version: string,
  retract: PartsOptions['retract'],
): readonly StagedRow[] {
  const { retracted_by: by } = row;
  const base = restaged(row);
  // Where its own last version retracted it, a version between that and this one may still bring it.
  const isSettled = base.recordState === 'retracted' && by !== null && by >= version;
  if (isSettled || base.recordState === 'erased') return [];
  const retractedBy = later(by, version) ?? '';
  return [{ ...base, recordState: 'retracted', content: retract(base.content), retractedBy }];
}

function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
