/** What a change of the contract asks of tables that are in use: statements, or a way round what BigQuery cannot do. */
import type { Collection } from '../contract/collections.js';
import { currentQuery, ddl, latestQuery } from './ddl.js';
import { deidentifiedQuery, keyTable, newKeysStatement } from './deidentified.js';
import { changedColumns, type Plan, rebuild, type Step } from './plan-columns.js';
import { bigQuery, tablesOf, type WarehouseTable } from './table.js';

type Collections = readonly Collection[];

export function planOf(base: Collections, revision: Collections): Plan {
  const { before, after } = planOfTables(tablesOf(base), tablesOf(revision));
  return { before: [...before, ...changedViews(base, revision)], after };
}

function planOfTables(base: readonly WarehouseTable[], revision: readonly WarehouseTable[]): Plan {
  const plans = [
    ...revision.map((table) => {
      const old = base.find((candidate) => candidate.table === table.table);
      return old === undefined ? newTable(table) : changedTable(old, table);
    }),
    ...base
      .filter((table) => !revision.some((candidate) => candidate.table === table.table))
      .map(goneTable),
  ];
  return {
    before: plans.flatMap(({ before = [] }) => before),
    after: plans.flatMap(({ after = [] }) => after),
  };
}

const viewFile = /^(.+)\.(current|deidentified|latest)\.sql$/;

/** Views name their columns: they show a new one, and hide what is to be hidden, once they are made anew. */
function changedViews(base: Collections, revision: Collections): readonly Step[] {
  const before = new Map(warehouseFiles(base).map(({ name, text }) => [name, text]));
  return warehouseFiles(revision).flatMap(({ name, text }) => {
    const [, table = '', kind] = viewFile.exec(name) ?? [];
    const old = before.get(name);
    if (kind === undefined || old === undefined || old === text) return [];
    const view = kind === 'latest' ? table : `${table}_${kind}`;
    const only = kind === 'latest' ? ' (way B only)' : '';
    const way = `run its CREATE OR REPLACE VIEW in generated/warehouse/${table}.ddl.sql, or terraform apply`;
    return [{ kind: 'refusal', what: `the view ${view}${only} changes`, way }];
  });
}

function newTable({ table }: WarehouseTable): Partial<Plan> {
  return {
    before: [
      {
        kind: 'refusal',
        what: `${table} is a new collection`,
        way: `run generated/warehouse/${table}.ddl.sql, or terraform apply, which makes its topic and subscription too`,
      },
    ],
  };
}

function goneTable({ table }: WarehouseTable): Partial<Plan> {
  return {
    after: [
      {
        kind: 'refusal',
        what: `${table} is no longer a collection`,
        way: `its subscription and table stay until you remove them; terraform keeps a table while deletion_protection is on`,
      },
    ],
  };
}

function changedTable(base: WarehouseTable, revision: WarehouseTable): Partial<Plan> {
  if (base.primaryKey[0] !== revision.primaryKey[0]) {
    return { before: [otherKey(base, revision)] };
  }
  const plan = changedColumns(revision.table, base.schema, revision.schema, []);
  const clustering = [revision.clustering, base.clustering].map((names) => names.join(', '));
  if (clustering[0] === clustering[1]) return plan;
  return {
    ...plan,
    after: [
      ...(plan.after ?? []),
      {
        kind: 'refusal',
        what: `${revision.table} is to be clustered by ${clustering[0] ?? ''}`,
        way: `bq update --clustering_fields=${revision.clustering.join(',')} project:dataset.${revision.table}; rows that are there keep their places until they are written anew`,
      },
    ],
  };
}

function otherKey(base: WarehouseTable, revision: WarehouseTable): Step {
  return {
    kind: 'refusal',
    what: `the key of ${base.table} changes from ${base.primaryKey[0]} to ${revision.primaryKey[0]}`,
    way: rebuild(base.table),
  };
}

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
