/** Compares a destination with the store: the same records, each field with the same value. */
import { expect } from 'vitest';
import { resolve } from '../../src/contract/document.js';
import { readContract } from '../../src/contract/contract.js';
import type { Hospital } from './hospital.js';
import { type PullClient, type Row, collections } from './pull-client.js';

export async function expectEqual(
  hospital: Hospital,
  client: PullClient,
  { withoutDeleted = false } = {},
): Promise<void> {
  for (const { name, idField } of collections) {
    const stored = (await hospital.latest(name)).filter(
      ({ deleted_ts }) => !withoutDeleted || deleted_ts === null,
    );
    const pulled = byId(await client.rows(name), name, idField);
    expect([...pulled.keys()].toSorted(), `ids of ${name}`).toEqual(
      stored.map((row) => String(row[idField])).toSorted(),
    );
    const differing = [...byId(stored, name, idField)].filter(
      ([id, row]) => JSON.stringify(pulled.get(id)) !== JSON.stringify(row),
    );
    expect(differing.map(([id, row]) => [pulled.get(id), row]).slice(0, 1), name).toEqual([]);
  }
}

function byId(rows: readonly Row[], collection: string, idField: string): Map<string, Row> {
  const times = timesOf(collection);
  const byIdOfRow = rows.map((row) => [String(row[idField]), comparable(row, times)] as const);
  expect(new Set(byIdOfRow.map(([id]) => id)).size, `repeated ids of ${collection}`).toBe(
    rows.length,
  );
  return new Map(byIdOfRow);
}

/** A tool may keep a time in UTC, a field in another place and no null; none of it changes what is said. */
function comparable(row: Row, times: ReadonlySet<string>): Row {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== null)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([field, value]) => [
        field,
        times.has(field) && typeof value === 'string' ? instant(value) : value,
      ]),
  );
}

function timesOf(collection: string): ReadonlySet<string> {
  const { document, collections: all } = readContract();
  const { contentSchema } = all.find(({ name }) => name === collection) ?? {};
  const fields = Object.entries(contentSchema?.properties ?? {});
  const times = fields.filter(([, schema]) => resolve(document, schema).format === 'date-time');
  return new Set(['created_ts', 'updated_ts', 'deleted_ts', ...times.map(([name]) => name)]);
}

/** @param value RFC 3339 with any offset; microseconds are kept */
function instant(value: string): string {
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  return `${new Date(value).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`;
}
