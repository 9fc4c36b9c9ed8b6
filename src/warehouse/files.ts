/** The files of generated/warehouse/. */
import type { Collection } from '../contract/collections.js';
import { tablesOf } from './table.js';

interface WarehouseFile {
  readonly name: string;
  readonly text: string;
}

export function warehouseFiles(collections: readonly Collection[]): readonly WarehouseFile[] {
  return tablesOf(collections).flatMap((table) => [
    { name: `${table.table}.bigquery.json`, text: `${JSON.stringify(table, null, 2)}\n` },
  ]);
}
