/** The messages that bring a table in line with its feed. */
import { changeEnd } from './change.js';
import type { Feed } from './feed.js';
import type { Finding, Findings } from './reconcile.js';
import type { Warehouse } from './warehouse.js';

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
    if (kind === 'ghost') continue;
    const record = await feed.find(id);
    if (record === undefined) continue;
    messages.push(withEnd(record.text, changeEnd('UPSERT', epoch, record.position)));
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
  const ghosts = findings.filter(({ kind }) => kind === 'ghost');
  if (ghosts.length === 0) return [];
  const rows = await warehouse.rows(
    feed.collection,
    ghosts.map(({ id }) => id),
  );
  const newest = Math.max(last, ...ghosts.map(({ tablePosition }) => tablePosition ?? 0));
  return rows.map((row) => withEnd(JSON.stringify(row), changeEnd('DELETE', epoch, newest)));
}

function withEnd(text: string, end: string): string {
  return `${text.slice(0, text.lastIndexOf('}'))}${end}`;
}
