/** What a change of columns asks of a table that is in use. */
import { columnDefinition, quoted, sqlType } from './ddl.js';
import type { Column } from './table.js';

type Columns = readonly Column[];

export function changedColumns(
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

/** The column stays, with what is in it; but it must not be asked for any more. */
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

export type Step =
  | { readonly kind: 'statement'; readonly sql: string; readonly note?: string }
  | { readonly kind: 'refusal'; readonly what: string; readonly way: string };

/** Steps before the service is rolled out, and those that wait until no message of the old contract is left. */
export interface Plan {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/** The way round what cannot be changed in place. */
export function rebuild(table: string): string {
  return `make a new table beside ${table} from its DDL, with a subscription of its own, run npm run produce -- --from-start, npm run reconcile, then point the views at it`;
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
