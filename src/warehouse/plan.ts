/** What a change of the contract requires of tables that are in use: statements, or a way around what BigQuery cannot do. */
import type { Collection } from '../contract/collections.js';
import { columnDefinition, quoted, sqlType, warehouseFiles } from './ddl.js';
import { type Column, tablesOf, type WarehouseTable } from './table.js';

export type Step =
  | { readonly kind: 'statement'; readonly sql: string; readonly note?: string }
  | { readonly kind: 'refusal'; readonly what: string; readonly way: string };

/** Steps before the service is rolled out, and those that wait until no message of the old contract is left. */
export interface Plan {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

type Collections = readonly Collection[];

export function planOf(base: Collections, revision: Collections): Plan {
  const { before, after } = planOfTables(tablesOf(base), tablesOf(revision));
  return { before: [...before, ...changedViews(base, revision)], after };
}

export function planText({ before, after }: Plan): string {
  if (before.length === 0 && after.length === 0) return 'Tables and views stay as they are.\n';
  return [
    '1. Tables and views, before the service: a message with a field that its table does not have is refused.',
    ...stepsText(before),
    '2. The service, then npm run revalidate, then the producer.',
    '3. When the subscriptions hold no message of the old contract any more:',
    ...stepsText(after),
    'Where Dataflow appends to logs (way B), the statements are for `${dataset}.<collection>_log`: the collection itself is a view.',
    '${dataset} stands for project.dataset. With Terraform, terraform apply takes the place of the statements.',
    '',
  ].join('\n');
}

function stepsText(steps: readonly Step[]): readonly string[] {
  return steps.length === 0 ? ['   nothing'] : steps.map(stepText);
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'statement':
      return [...(step.note === undefined ? [] : [`   -- ${step.note}`]), `   ${step.sql}`].join(
        '\n',
      );
    case 'refusal':
      return `   ! ${step.what}.\n     Way: ${step.way}.`;
  }
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

/** The way round what cannot be changed in place. */
function rebuild(table: string): string {
  return `make a new table beside ${table} from its DDL, with a subscription of its own, run npm run produce -- --from-start, npm run reconcile, then point the views at it`;
}

type Columns = readonly Column[];

function changedColumns(
  table: string,
  base: Columns,
  revision: Columns,
  path: readonly string[],
): Partial<Plan> {
  const isIn = (columns: Columns, name: string) => columns.some((column) => column.name === name);
  const gone = base.filter(({ name }) => !isIn(revision, name));
  const added = revision.filter(({ name }) => !isIn(base, name));
  const plans = [
    ...added.map((column) => addedColumn(table, column, path, gone)),
    ...gone.map((column) => goneColumn(table, column, path)),
    ...revision.map((column) => {
      const old = base.find(({ name }) => name === column.name);
      return old === undefined ? {} : changedColumn(table, old, column, path);
    }),
  ];
  return {
    before: plans.flatMap(({ before = [] }) => before),
    after: plans.flatMap(({ after = [] }) => after),
  };
}

function addedColumn(
  table: string,
  column: Column,
  path: readonly string[],
  gone: Columns,
): Partial<Plan> {
  const full = [...path, column.name].join('.');
  if (path.length > 0) {
    const way = `terraform apply, or bq update project:dataset.${table} with the new schema: ALTER TABLE adds no field inside a column`;
    return { before: [{ kind: 'refusal', what: `${table}.${full} is a new field`, way }] };
  }
  const nullable: Column = {
    ...column,
    mode: column.mode === 'REQUIRED' ? 'NULLABLE' : column.mode,
  };
  const like = gone.find((other) => sqlType(other) === sqlType(column));
  const notes = [
    ...(column.mode === 'REQUIRED'
      ? ['BigQuery adds no REQUIRED column to a table with rows, so it stays NULLABLE']
      : []),
    ...(like === undefined
      ? []
      : [
          `if this is ${like.name} renamed: a view may show coalesce(${column.name}, ${like.name}) until every record was published anew`,
        ]),
  ];
  const sql = `ALTER TABLE ${name(table)} ADD COLUMN IF NOT EXISTS ${columnDefinition(nullable)};`;
  return {
    before: [{ kind: 'statement', sql, ...(notes.length > 0 && { note: notes.join('; ') }) }],
  };
}

/** The column stays, with what is in it; but it must no longer be required. */
function goneColumn(table: string, column: Column, path: readonly string[]): Partial<Plan> {
  const full = [...path, column.name].join('.');
  const stays =
    'the column stays, null in new rows; a table with a running subscription drops none';
  if (column.mode !== 'REQUIRED') {
    return { after: [{ kind: 'refusal', what: `${table}.${full} is gone`, way: stays }] };
  }
  return { before: [dropRequired(table, column, path, `${full} is gone: ${stays}`)] };
}

function dropRequired(table: string, column: Column, path: readonly string[], note?: string): Step {
  if (path.length > 0) {
    const what = `${table}.${[...path, column.name].join('.')} is no longer required`;
    const way = `terraform apply, or bq update project:dataset.${table} with the new schema`;
    return { kind: 'refusal', what, way };
  }
  const sql = `ALTER TABLE ${name(table)} ALTER COLUMN \`${column.name}\` DROP NOT NULL;`;
  return { kind: 'statement', sql, ...(note !== undefined && { note }) };
}

function changedColumn(
  table: string,
  base: Column,
  revision: Column,
  path: readonly string[],
): Partial<Plan> {
  const here = [...path, base.name];
  const isRecord = base.type === 'RECORD' && revision.type === 'RECORD';
  if (
    base.type !== revision.type ||
    (base.mode === 'REPEATED') !== (revision.mode === 'REPEATED')
  ) {
    return { before: [otherType(table, base, revision, path)] };
  }
  const inside = isRecord
    ? changedColumns(table, base.fields ?? [], revision.fields ?? [], here)
    : {};
  return {
    before: [...(inside.before ?? []), ...loosened(table, base, revision, path)],
    after: [
      ...(inside.after ?? []),
      ...tightened(table, base, revision, here),
      ...described(table, base, revision, path),
      ...tagged(table, base, revision, here),
    ],
  };
}

const widened = new Set(['INTEGER FLOAT']);

function otherType(table: string, base: Column, revision: Column, path: readonly string[]): Step {
  if (
    path.length === 0 &&
    base.mode !== 'REPEATED' &&
    widened.has(`${base.type} ${revision.type}`)
  ) {
    const sql = `ALTER TABLE ${name(table)} ALTER COLUMN \`${base.name}\` SET DATA TYPE ${sqlType(revision)};`;
    return { kind: 'statement', sql };
  }
  const full = [...path, base.name].join('.');
  const what = `${table}.${full} changes from ${sqlType(base)} to ${sqlType(revision)}, which BigQuery does not do in place`;
  const way = `publish it as a new field beside the old one and let readers move over; or ${rebuild(table)}`;
  return { kind: 'refusal', what, way };
}

function loosened(
  table: string,
  base: Column,
  revision: Column,
  path: readonly string[],
): readonly Step[] {
  if (base.mode !== 'REQUIRED' || revision.mode !== 'NULLABLE') return [];
  return [dropRequired(table, base, path)];
}

function tightened(
  table: string,
  base: Column,
  revision: Column,
  path: readonly string[],
): readonly Step[] {
  if (base.mode !== 'NULLABLE' || revision.mode !== 'REQUIRED') return [];
  const what = `${table}.${path.join('.')} is never null any more, which BigQuery does not ask of a column that is there`;
  return [{ kind: 'refusal', what, way: 'leave it NULLABLE; the service sees to it' }];
}

function described(
  table: string,
  base: Column,
  revision: Column,
  path: readonly string[],
): readonly Step[] {
  if (base.description === revision.description || path.length > 0) return [];
  const sql = `ALTER TABLE ${name(table)} ALTER COLUMN \`${base.name}\` SET OPTIONS (description = ${quoted(revision.description)});`;
  return [{ kind: 'statement', sql }];
}

function tagged(
  table: string,
  base: Column,
  revision: Column,
  path: readonly string[],
): readonly Step[] {
  if (base.policyTag === revision.policyTag) return [];
  const tag = revision.policyTag ?? 'no';
  const what = `${table}.${path.join('.')} gets the policy tag ${tag} in place of ${base.policyTag ?? 'none'}`;
  return [{ kind: 'refusal', what, way: 'terraform apply sets it; SQL does not' }];
}

function name(table: string): string {
  return `\`\${dataset}.${table}\``;
}
