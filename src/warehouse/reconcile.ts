/** Compares a feed with its table: by sums of slices, then row by row where they differ. */
import type { Feed } from './feed.js';
import { changeColumns, type Entry, type PositionRange, type Warehouse } from './warehouse.js';

interface Finding {
  /** Not in the table, there in another version, or only there (an orphan). */
  readonly kind: 'missing' | 'stale' | 'orphan';
  readonly id: string;
  /** `updated_ts` of its row, where it has one. */
  readonly tablePosition: number | undefined;
}

export interface Findings {
  readonly findings: readonly Finding[];
  /** Records in the feed's part of the window. */
  readonly records: number;
  /** Records that changed while they were compared. */
  readonly moving: number;
  readonly epoch: string;
  /** The feed's newest position. */
  readonly last: number;
}

export interface Comparison {
  readonly feed: Feed;
  readonly warehouse: Warehouse;
  /** What is compared; without an end, all from there on. */
  readonly window: PositionRange;
}

export async function reconcile({ feed, warehouse, window }: Comparison): Promise<Findings> {
  const { slices, epoch, last } = await slicesOf(feed, window);
  const sums = await warehouse.digests(
    feed.collection,
    slices.map(({ range }) => range),
  );
  const differing = slices
    .filter(({ count, digest }, index) => {
      const sum = sums[index];
      return sum?.count !== count || sum.digest !== digest;
    })
    .map(({ range }) => range);
  const records = slices.reduce((sum, { count }) => sum + count, 0);
  if (differing.length === 0) return { findings: [], records, moving: 0, epoch, last };
  const rows = await warehouse.entries(feed.collection, differing);
  const served: Entry[] = [];
  for (const range of mergeNeighbours(differing)) served.push(...(await feed.entries(range)));
  return { ...(await classify({ feed, served, rows, window })), records, epoch, last };
}

interface Slice {
  readonly range: PositionRange;
  readonly count: number;
  readonly digest: string;
}

async function slicesOf(feed: Feed, window: PositionRange) {
  const slices: Slice[] = [];
  for (let { from } = window; ;) {
    const { count, digest, to, epoch, last } = await feed.digest({ ...window, from });
    const isLast = to >= (window.to ?? last + 1);
    // The table may have rows behind the feed's end: its last slice is as open as the window.
    slices.push({ range: { from, to: isLast ? window.to : to }, count, digest });
    if (isLast) return { slices, epoch, last };
    from = to;
  }
}

/** Neighbours as one range, so that they are listed without a break. */
function mergeNeighbours(ranges: readonly PositionRange[]): readonly PositionRange[] {
  return ranges.reduce<readonly PositionRange[]>((done, range) => {
    const before = done.at(-1);
    return before?.to === range.from
      ? [...done.slice(0, -1), { from: before.from, to: range.to }]
      : [...done, range];
  }, []);
}

interface Comparands {
  readonly feed: Feed;
  readonly served: readonly Entry[];
  readonly rows: readonly Entry[];
  readonly window: PositionRange;
}

async function classify({ feed, served, rows, window }: Comparands) {
  const inFeed = new Map(served.map(({ id, position }) => [id, position]));
  const inTable = new Map(rows.map(({ id, position }) => [id, position]));
  const findings: Finding[] = [];
  for (const [id, position] of inFeed) {
    const tablePosition = inTable.get(id);
    if (tablePosition === position) continue;
    findings.push({ kind: tablePosition === undefined ? 'missing' : 'stale', id, tablePosition });
  }
  const onlyInTable = rows.filter(({ id }) => !inFeed.has(id));
  const behind = await idsBehind(feed, window, onlyInTable.length);
  let moving = 0;
  for (const { id, position } of onlyInTable) {
    // It may stand in another slice by now, or behind the window.
    if (behind.has(id) || (await feed.find(id)) !== undefined) moving += 1;
    else findings.push({ kind: 'orphan', id, tablePosition: position });
  }
  return { findings, moving };
}

/** After a load many records have moved there, which a list shows in fewer requests than one for each. */
const maxSingleLookups = 100;

async function idsBehind(
  feed: Feed,
  { to }: PositionRange,
  candidates: number,
): Promise<ReadonlySet<string>> {
  if (to === undefined || candidates <= maxSingleLookups) return new Set();
  const entries = await feed.entries({ from: to, to: undefined });
  return new Set(entries.map(({ id }) => id));
}

export interface Repair {
  readonly feed: Feed;
  readonly warehouse: Warehouse;
  readonly found: Findings;
  /** Ends when every message was taken. */
  readonly publish: (messages: readonly string[]) => Promise<void>;
}

const rowsAtOnce = 500;

/** @returns how many messages were published */
export async function repair({ feed, warehouse, found, publish }: Repair): Promise<number> {
  let published = 0;
  for (let at = 0; at < found.findings.length; at += rowsAtOnce) {
    const batch = found.findings.slice(at, at + rowsAtOnce);
    const messages = [
      ...(await upserts(feed, batch, found.epoch)),
      ...(await deletes(feed, warehouse, batch, found)),
    ];
    await publish(messages);
    published += messages.length;
  }
  return published;
}

async function upserts(feed: Feed, findings: readonly Finding[], epoch: string) {
  const messages: string[] = [];
  for (const { kind, id } of findings) {
    if (kind === 'orphan') continue;
    const record = await feed.find(id);
    if (record === undefined) continue;
    messages.push(withEnd(record.text, changeColumns('UPSERT', epoch, record.position)));
  }
  return messages;
}

/** A row is deleted by a message that has all of its columns: the table's REQUIRED ones have to be there. */
async function deletes(
  feed: Feed,
  warehouse: Warehouse,
  findings: readonly Finding[],
  { epoch, last }: Findings,
): Promise<readonly string[]> {
  const orphans = findings.filter(({ kind }) => kind === 'orphan');
  if (orphans.length === 0) return [];
  const rows = await warehouse.rows(
    feed.collection,
    orphans.map(({ id }) => id),
  );
  const newest = Math.max(last, ...orphans.map(({ tablePosition }) => tablePosition ?? 0));
  return rows.map((row) => withEnd(JSON.stringify(row), changeColumns('DELETE', epoch, newest)));
}

function withEnd(text: string, end: string): string {
  return `${text.slice(0, text.lastIndexOf('}'))}${end}`;
}
