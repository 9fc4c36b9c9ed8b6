/** A warehouse that is asked by SQL, whichever engine answers. */
import {
  type StatementDialect,
  digestsStatement,
  entriesStatement,
  rowsStatement,
} from './statements.js';
import type { WarehouseTable } from './table.js';
import type { Stretch, Warehouse } from './warehouse.js';

interface Parameters {
  readonly bounds?: readonly number[];
  readonly buckets?: readonly number[];
  readonly ids?: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

export interface SqlWarehouseOptions {
  readonly tables: readonly WarehouseTable[];
  readonly dialect: StatementDialect;
  readonly query: (text: string, parameters: Parameters) => Promise<readonly Row[]>;
  readonly close?: () => Promise<void>;
}

const nothing = { count: 0, digest: '0'.repeat(15) };

export function createSqlWarehouse(options: SqlWarehouseOptions): Warehouse {
  const { dialect, query, close = () => Promise.resolve() } = options;
  const tableOf = (name: string) => {
    const table = options.tables.find((candidate) => candidate.table === name);
    if (table === undefined) throw new Error(`the contract has no collection ${name}`);
    return table;
  };
  return {
    async digests(name, stretches) {
      const { bounds, buckets } = bucketsOf(stretches);
      const rows = await query(digestsStatement(tableOf(name), dialect), { bounds, buckets });
      const found = new Map(
        rows.map(({ bucket, count, digest }) => [
          Number(bucket),
          { count: Number(count), digest: String(digest) },
        ]),
      );
      return buckets.map((bucket) => found.get(bucket) ?? nothing);
    },
    async entries(name, stretches) {
      const rows = await query(entriesStatement(tableOf(name), dialect), bucketsOf(stretches));
      return rows.map(({ id, position }) => ({ id: String(id), position: Number(position) }));
    },
    async rows(name, ids) {
      const rows = await query(rowsStatement(tableOf(name), dialect), { ids });
      return rows.map(({ body }) => JSON.parse(String(body)) as Row);
    },
    close,
  };
}

/** Stretches that do not overlap, as the buckets between their bounds. */
function bucketsOf(stretches: readonly Stretch[]) {
  const ends = stretches.flatMap(({ from, to }) => (to === undefined ? [from] : [from, to]));
  const bounds = [...new Set(ends)].sort((one, other) => one - other);
  return { bounds, buckets: stretches.map(({ from }) => bounds.indexOf(from) + 1) };
}
