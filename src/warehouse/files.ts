/** The files of generated/warehouse/. */
import type { Collection } from '../contract/collections.js';
import { ddl } from './ddl.js';
import { deidentifiedQuery, keyTable, newKeysStatement } from './deidentified.js';
import { bigQuery } from './dialect.js';
import { tablesOf } from './table.js';
import { currentQuery, latestQuery } from './views.js';

interface WarehouseFile {
  readonly name: string;
  readonly text: string;
}

export function warehouseFiles(collections: readonly Collection[]): readonly WarehouseFile[] {
  const idFields = collections.map(({ idField }) => idField);
  const tables = tablesOf(collections);
  const files = collections.flatMap((collection, index) => {
    const table = tables[index];
    if (table === undefined) return [];
    const { name } = collection;
    return [
      { name: `${name}.bigquery.json`, text: `${JSON.stringify(table, null, 2)}\n` },
      { name: `${name}.ddl.sql`, text: written(ddl(collection, idFields, table)) },
      { name: `${name}.latest.sql`, text: written(latestQuery(table)) },
      { name: `${name}.current.sql`, text: written(currentQuery(table, bigQuery)) },
      {
        name: `${name}.deidentified.sql`,
        text: written(deidentifiedQuery(collection, idFields, bigQuery)),
      },
    ];
  });
  const keys = `CREATE TABLE IF NOT EXISTS ${bigQuery.table(keyTable)} (
  id STRING NOT NULL OPTIONS (description = "Id of a record, of any collection"),
  surrogate STRING NOT NULL OPTIONS (description = "Random, made once, and made from nothing"),
  PRIMARY KEY (id) NOT ENFORCED
);
`;
  return [
    ...files,
    { name: `${keyTable}.ddl.sql`, text: written(keys) },
    { name: `${keyTable}.new.sql`, text: written(newKeysStatement(collections, bigQuery)) },
  ];
}

function written(statement: string): string {
  return `-- Written by \`npm run generate\` from the contract. \${dataset} stands for project.dataset.\n${statement}`;
}
