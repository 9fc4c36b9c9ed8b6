/**
 * The de-identified view of a collection: what its fields' `x-phi` lets pass, each in a form that identifies nobody.
 * @see 45 CFR 164.514(b)(2)(i)
 */
import { auditColumns, type Collection } from '../contract/collections.js';
import type { JsonSchema } from '../contract/document.js';
import {
  highestAges,
  publicSystems,
  smallPostalAreas,
  states,
  unitedStates,
} from './public-codes.js';
import { type Dialect, record } from './table.js';

/** Where the random surrogates of ids are kept. */
export const keyTable = 'deidentification_keys';

/** @param idFields of every collection: where one stands in a record, its surrogate does in the view */
export function deidentifiedQuery(
  { name, idField, recordSchema }: Collection,
  idFields: readonly string[],
  dialect: Dialect,
): string {
  const references = Object.keys(recordSchema.properties ?? {}).filter(
    (field) => field !== idField && idFields.includes(field),
  );
  const keys = [idField, ...references];
  const selected = [
    ...keys.map((field) => `${field}_key.surrogate AS ${keyName(field)}`),
    ...safeColumns(recordSchema, dialect).map((column) => `${column.expression} AS ${column.name}`),
  ];
  const joins = keys.map((field) => {
    const kind = field === idField ? 'JOIN' : 'LEFT JOIN';
    return `${kind} ${dialect.table(keyTable)} AS ${field}_key\n  ON ${field}_key.id = ${dialect.column([field])}`;
  });
  const from = `FROM ${dialect.table(`${name}_current`)} AS ${record}`;
  return `SELECT\n  ${selected.join(',\n  ')}\n${[from, ...joins].join('\n')}\n`;
}

/** `patient_key` for `patient_id`. */
function keyName(idField: string): string {
  return `${idField.replace(/_id$/, '')}_key`;
}

/** Gives a random surrogate to every id that has none yet. */
export function newKeysStatement(collections: readonly Collection[], dialect: Dialect): string {
  const ids = collections.map(({ idField }) => idField);
  const sources = collections.flatMap(({ name, recordSchema }) =>
    Object.keys(recordSchema.properties ?? {})
      .filter((field) => ids.includes(field))
      .map(
        (field) =>
          `SELECT ${dialect.column([field])} AS id FROM ${dialect.table(name)} AS ${record}`,
      ),
  );
  return `INSERT INTO ${dialect.table(keyTable)} (id, surrogate)
SELECT found.id, ${dialect.randomText}
FROM (
  ${sources.join('\n  UNION DISTINCT\n  ')}
) AS found
LEFT JOIN ${dialect.table(keyTable)} AS known ON known.id = found.id
WHERE known.id IS NULL AND found.id IS NOT NULL;
`;
}

interface SafeColumn {
  readonly name: string;
  readonly expression: string;
}

function safeColumns(schema: JsonSchema, dialect: Dialect): readonly SafeColumn[] {
  const all = leavesOf(schema, []);
  return all.flatMap((leaf): SafeColumn[] => {
    const form = formOf(leaf, all);
    if (form === undefined) return [];
    const { suffix, expression } = form(dialect);
    const name = leaf.path.join('_');
    return [{ name: suffix ? `${name.replace(/_ts$/, '')}${suffix}` : name, expression }];
  });
}

/** The fields that hold a value, those of objects among them. */
function leavesOf({ properties }: JsonSchema, path: readonly string[]): readonly Leaf[] {
  return Object.entries(properties ?? {}).flatMap(([name, schema]) => {
    const here = [...path, name];
    return schema.properties === undefined ? [{ path: here, schema }] : leavesOf(schema, here);
  });
}

interface SafeForm {
  readonly suffix?: string;
  readonly expression: string;
}

type Form = (dialect: Dialect) => SafeForm;

/** What is not known to be harmless is left out. */
function formOf(leaf: Leaf, all: readonly Leaf[]): Form | undefined {
  const { path, schema } = leaf;
  const { 'x-phi': phi, 'x-free-text': isFreeText, 'x-deidentified': wanted } = schema;
  if (phi === undefined || phi === 'direct' || isFreeText === true) return undefined;
  const types = typesOf(schema);
  const isAudit = (auditColumns as readonly string[]).includes(path.join('.'));
  if (types.includes('boolean')) return plain(leaf);
  const listed = listedCodes(schema);
  if (listed !== undefined) return (dialect) => ({ expression: codes(leaf, listed, dialect) });
  if (isAudit) return undefined;
  if (schema.format === 'date' || schema.format === 'date-time') {
    return (dialect) => ({ suffix: '_year', expression: year(leaf, dialect) });
  }
  if (types.includes('number') || types.includes('integer')) {
    const units = all.filter((other) => other.schema['x-deidentified'] === 'unit');
    return (dialect) => ({ expression: numberUnlessHighAge(leaf, units, dialect) });
  }
  if (typeof wanted === 'string' && wanted in formsByName) {
    return (dialect) => ({ expression: formsByName[wanted]?.(leaf, all, dialect) ?? 'NULL' });
  }
  const isCode = phi === 'health' && schema.pattern !== undefined && types.includes('string');
  return isCode ? (dialect) => ({ expression: codes(leaf, undefined, dialect) }) : undefined;
}

const formsByName: Readonly<
  Record<string, (leaf: Leaf, all: readonly Leaf[], dialect: Dialect) => string>
> = { state, country, postal_code: postalArea, code_system: publicSystem };

function plain({ path }: Leaf): Form {
  return (dialect) => ({ expression: dialect.column(path) });
}

function listedCodes(schema: JsonSchema): readonly string[] | undefined {
  const inner = schema.items ?? schema;
  const listed = inner.enum ?? inner['x-extensible-enum'];
  return Array.isArray(listed)
    ? listed.filter((code): code is string => typeof code === 'string')
    : undefined;
}

function typesOf({ type }: JsonSchema): readonly string[] {
  return typeof type === 'string' ? [type] : (type ?? []);
}

/** A field that holds a value, by its way through the record. */
interface Leaf {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

const firstHiddenAge = 90;

/** The year alone, and none that lies so far back that it reveals an age over 89. */
function year({ path }: Leaf, dialect: Dialect): string {
  const found = `EXTRACT(YEAR FROM ${dialect.column(path)})`;
  return `CASE WHEN ${found} > EXTRACT(YEAR FROM CURRENT_DATE) - ${firstHiddenAge} THEN ${found} END`;
}

/** A number, unless its unit makes it an age over 89. */
function numberUnlessHighAge({ path }: Leaf, units: readonly Leaf[], dialect: Dialect): string {
  const value = dialect.column(path);
  const ages = units.flatMap((unit) =>
    highestAges.map(
      (age) =>
        `(LOWER(${dialect.column(unit.path)}) IN ${list(age.units)} AND ${value} > ${age.highest})`,
    ),
  );
  return ages.length === 0
    ? value
    : `CASE WHEN ${ages.join('\n    OR ')} THEN NULL ELSE ${value} END`;
}

/** Codes that the contract lists; of a field without a list, what has a code's form. */
function codes(
  { path, schema }: Leaf,
  listed: readonly string[] | undefined,
  dialect: Dialect,
): string {
  const test = (code: string) =>
    listed === undefined ? dialect.matches(code, '^[!-~]{1,64}$') : `${code} IN ${list(listed)}`;
  const value = dialect.column(path);
  return schema.items === undefined
    ? `CASE WHEN ${test(value)} THEN ${value} END`
    : `ARRAY(SELECT code FROM UNNEST(${value}) AS code WHERE ${test('code')})`;
}

function state({ path }: Leaf, _all: readonly Leaf[], dialect: Dialect): string {
  const value = dialect.column(path);
  return `CASE WHEN ${isIn(value, states)} THEN UPPER(TRIM(${value})) END`;
}

/** The United States or another country: which one may be too small to be shown. */
function country({ path }: Leaf, _all: readonly Leaf[], dialect: Dialect): string {
  const value = dialect.column(path);
  return `CASE WHEN ${isIn(value, unitedStates)} THEN 'US' WHEN ${value} IS NOT NULL THEN 'other' END`;
}

/** The first three digits of a ZIP code, 000 where few people live; nothing of a code of another country. */
function postalArea({ path }: Leaf, all: readonly Leaf[], dialect: Dialect): string {
  const beside = (wanted: string) =>
    all.find(
      (other) =>
        other.schema['x-deidentified'] === wanted &&
        other.path.slice(0, -1).join('.') === path.slice(0, -1).join('.'),
    );
  const value = `TRIM(${dialect.column(path)})`;
  const area = `SUBSTR(${value}, 1, 3)`;
  const conditions = [dialect.matches(value, '^[0-9]{5}(-?[0-9]{4})?$')];
  const [inCountry, inState] = [beside('country'), beside('state')];
  if (inCountry !== undefined) {
    const place = dialect.column(inCountry.path);
    const here = inState && isIn(dialect.column(inState.path), states);
    const unsaid = here === undefined ? '' : ` OR (${place} IS NULL AND ${here})`;
    conditions.push(`(${isIn(place, unitedStates)}${unsaid})`);
  }
  return `CASE WHEN ${conditions.join('\n    AND ')}
    THEN CASE WHEN ${area} IN ${list(smallPostalAreas.prefixes)} THEN '000' ELSE ${area} END END`;
}

function publicSystem({ path }: Leaf, _all: readonly Leaf[], dialect: Dialect): string {
  const value = dialect.column(path);
  const { uris, beginning } = publicSystems;
  return `CASE WHEN ${value} IN ${list(uris)} OR ${value} LIKE '${beginning}%' THEN ${value} END`;
}

function isIn(text: string, values: readonly string[]): string {
  return `UPPER(TRIM(${text})) IN ${list(values)}`;
}

function list(values: readonly string[]): string {
  // Engines escape quotes differently, and no code has one.
  const odd = values.find((value) => /['\\]/.test(value));
  if (odd !== undefined) throw new Error(`${odd} cannot stand in a view: it has a quote`);
  return `(${values.map((value) => `'${value}'`).join(', ')})`;
}
