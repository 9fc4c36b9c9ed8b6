/** The local sink as a warehouse that can be asked. */
import { digestOf } from './digest.js';
import type { Entry, PositionRange, Warehouse } from '../../../src/warehouse/warehouse.js';
import { positionOfTime } from '../../../src/contract/time.js';
import type { Sink } from '../sink/sink.js';

export function warehouseOf(sink: Pick<Sink, 'table'>): Warehouse {
  const all = (table: string): readonly Entry[] =>
    [...sink.table(table).rows()].map(([id, row]) => ({
      id,
      position: positionOfTime(String(row.updated_ts)),
    }));
  const inside = (entries: readonly Entry[], { from, to = Infinity }: PositionRange) =>
    entries.filter(({ position }) => position >= from && position < to);
  return {
    digests: (table, stretches) => {
      const entries = all(table);
      return Promise.resolve(
        stretches.map((stretch) => {
          const found = inside(entries, stretch);
          return { count: found.length, digest: digestOf(found) };
        }),
      );
    },
    entries: (table, stretches) => {
      const entries = all(table);
      return Promise.resolve(stretches.flatMap((stretch) => inside(entries, stretch)));
    },
    rows: (table, ids) => {
      const rows = sink.table(table).rows();
      return Promise.resolve(ids.flatMap((id) => (rows.has(id) ? [rows.get(id) ?? {}] : [])));
    },
    close: () => Promise.resolve(),
  };
}
