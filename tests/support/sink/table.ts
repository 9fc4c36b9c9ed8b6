/** A table that takes changes as BigQuery's change data capture does: the highest sequence number of a key stays. */
import type { WarehouseTable } from '../../../src/warehouse/table.js';
import { type Row, checkRow } from './row.js';
import { isLower, sectionsOf } from './sequence-number.js';

export interface SinkTable {
  readonly definition: WarehouseTable;
  /** @throws Error when BigQuery would refuse the message */
  apply(message: Buffer): void;
  /** By primary key. */
  rows(): ReadonlyMap<string, Row>;
  readonly counts: { applied: number; passedOver: number; refused: number };
  /** Removes a row behind the feed's back, or puts one in its place. */
  plant(id: string, row: Row | undefined): void;
}

interface Entry {
  readonly sequence: readonly bigint[];
  /** Nothing after a DELETE, which is kept for its number. */
  readonly row: Row | undefined;
}

export function createTable(definition: WarehouseTable): SinkTable {
  const [key] = definition.primaryKey;
  const entries = new Map<string, Entry>();
  const counts = { applied: 0, passedOver: 0, refused: 0 };
  const take = (message: Buffer) => {
    const { row, type, sequence } = changeOf(message);
    const id = row[key];
    if (typeof id !== 'string') throw new Error(`missing primary key ${key}`);
    if (type === 'UPSERT') checkRow(row, definition.schema);
    const present = entries.get(id);
    if (present !== undefined && isLower(sequence, present.sequence)) {
      counts.passedOver += 1;
      return;
    }
    entries.set(id, { sequence, row: type === 'DELETE' ? undefined : row });
    counts.applied += 1;
  };
  return {
    definition,
    counts,
    apply: (message) => {
      try {
        take(message);
      } catch (error) {
        counts.refused += 1;
        throw error;
      }
    },
    rows: () => {
      const rows = new Map<string, Row>();
      for (const [id, { row }] of entries) if (row !== undefined) rows.set(id, row);
      return rows;
    },
    plant: (id, row) => {
      if (row === undefined) entries.delete(id);
      else entries.set(id, { sequence: [0n], row });
    },
  };
}

function changeOf(message: Buffer) {
  const parsed = JSON.parse(message.toString()) as Row;
  const { _CHANGE_TYPE: type, _CHANGE_SEQUENCE_NUMBER: number, ...row } = parsed;
  if (type !== 'UPSERT' && type !== 'DELETE') {
    throw new Error('The given value is not a valid CHANGE_TYPE');
  }
  // One without would be ordered by its arrival among others that are not.
  if (typeof number !== 'string') throw new Error('a change without _CHANGE_SEQUENCE_NUMBER');
  return { row, type, sequence: sectionsOf(number) } as const;
}
