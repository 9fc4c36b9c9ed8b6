/**
 * Resources that are made into several records, such as a panel: which record a newer version no longer has, whatever
 * the order in which versions arrive.
 */
import type pg from 'pg';
import type { StagedRecord } from './staged-record.js';
import { type StagedRow, contentOf } from './staging-table.js';

interface Known {
  /** The resource's own record id. */
  readonly resource: string;
  readonly id: string;
  readonly patient_id: string;
  readonly record_state: string;
  readonly source_version: string | null;
  readonly retracted_by: string | null;
  readonly origin: string | null;
  readonly body: string;
}

interface PartsOptions {
  readonly collection: string;
  readonly records: readonly StagedRecord[];
  /** The content of a record that its resource no longer has. */
  readonly retract: (content: string) => string;
}

/** The rows to compare with what is stored: the batch's own, and those that its resources no longer have. */
export async function settleParts(
  client: pg.PoolClient,
  { collection, records, retract }: PartsOptions,
): Promise<readonly StagedRow[]> {
  const resources = groupBy(records, ({ id, origin }) => origin ?? id);
  const parts = await knownParts(client, collection, [...resources.keys()]);
  const several = new Set(parts.map(({ resource }) => resource));
  for (const { origin } of records) if (origin !== undefined) several.add(origin);
  if (several.size === 0) return records;
  const own = await knownOwn(client, collection, [...several]);
  const known = groupBy([...parts, ...own], ({ resource }) => resource);
  return [...resources].flatMap(([resource, incoming]) =>
    several.has(resource) ? settle(incoming, known.get(resource) ?? [], retract) : incoming,
  );
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

// Each key is sought by itself: of a list of keys the planner may think that reading the collection is less.
const columns =
  'id, patient_id, record_state, source_version, retracted_by, origin, body from record';

async function knownParts(client: pg.PoolClient, collection: string, ids: readonly string[]) {
  const { rows } = await client.query<Known>({
    name: 'parts',
    text: `select known.* from unnest($2::text[]) as sought (resource) cross join lateral (
             select origin as resource, ${columns}
             where collection = $1 and origin = sought.resource and origin is not null offset 0
           ) as known`,
    values: [collection, ids],
  });
  return rows;
}

async function knownOwn(client: pg.PoolClient, collection: string, ids: readonly string[]) {
  const { rows } = await client.query<Known>({
    name: 'own',
    text: `select known.* from unnest($2::text[]) as sought (resource) cross join lateral (
             select id as resource, ${columns} where collection = $1 and id = sought.resource offset 0
           ) as known`,
    values: [collection, ids],
  });
  return rows;
}

function settle(
  incoming: readonly StagedRecord[],
  known: readonly Known[],
  retract: PartsOptions['retract'],
): readonly StagedRow[] {
  const [{ sourceVersion, unconditional = false } = {}] = incoming;
  const versions = known.flatMap(({ source_version: own, retracted_by: by }) => [own, by]);
  const standing = versions.reduce((newest, version) => later(newest, version), null) ?? '';
  const isOlder = !unconditional && sourceVersion !== undefined && sourceVersion < standing;
  if (isOlder) return incoming.map((record) => olderRow(record, { known, standing, retract }));
  if (incoming.some(({ isPartial = false }) => isPartial)) return incoming;
  const ids = new Set(incoming.map(({ id }) => id));
  const gone = known.filter(({ id }) => !ids.has(id));
  return [...incoming, ...gone.flatMap((row) => goneRow(row, sourceVersion ?? '', retract))];
}

/** An older version may bring a record that the newer one had dropped: it is stored, as retracted. */
function olderRow(
  record: StagedRecord,
  {
    known,
    standing,
    retract,
  }: { known: readonly Known[]; standing: string } & Pick<PartsOptions, 'retract'>,
): StagedRow {
  const stored = known.find(({ id }) => id === record.id);
  const retractedBy = stored === undefined ? standing : stored.retracted_by;
  if (retractedBy === null) return record;
  const content = retract(record.content);
  return { ...record, recordState: 'retracted', content, retractedBy };
}

function goneRow(
  { id, patient_id: patientId, record_state: state, retracted_by: by, ...row }: Known,
  version: string,
  retract: PartsOptions['retract'],
): readonly StagedRow[] {
  const isSettled = state === 'retracted' && (by === null || by >= version);
  if (isSettled || state === 'erased') return [];
  return [
    {
      ...{ id, patientId, recordState: 'retracted', unconditional: true, keepsSource: true },
      content: retract(contentOf(row.body)),
      retractedBy: later(by, version) ?? '',
      ...(row.source_version !== null && { sourceVersion: row.source_version }),
      ...(row.origin !== null && { origin: row.origin }),
    },
  ];
}

function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
