/** The forms in which a field may stand in a de-identified view, as SQL that BigQuery and PostgreSQL both read. */
import type { JsonSchema } from '../contract/document.js';
import type { Dialect } from './dialect.js';
import { highestAges, publicSystems } from './public-codes.js';
import { smallPostalAreas, states, unitedStates } from './public-geography.js';

/** A field that holds a value, by its way through the record. */
export interface Leaf {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

const ageNotTold = 90;

/** The year alone, and none that lies so far back that it tells of an age over 89. */
export function year({ path }: Leaf, dialect: Dialect): string {
  const found = `EXTRACT(YEAR FROM ${dialect.column(path)})`;
  return `CASE WHEN ${found} > EXTRACT(YEAR FROM CURRENT_DATE) - ${ageNotTold} THEN ${found} END`;
}

/** A number, unless its unit makes it an age over 89. */
export function numberBelowHighAge(
  { path }: Leaf,
  units: readonly Leaf[],
  dialect: Dialect,
): string {
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
export function codes(
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

export function state({ path }: Leaf, _all: readonly Leaf[], dialect: Dialect): string {
  const value = dialect.column(path);
  return `CASE WHEN ${isIn(value, states)} THEN UPPER(TRIM(${value})) END`;
}

/** The United States or another country: which one may be too small to be told. */
export function country({ path }: Leaf, _all: readonly Leaf[], dialect: Dialect): string {
  const value = dialect.column(path);
  return `CASE WHEN ${isIn(value, unitedStates)} THEN 'US' WHEN ${value} IS NOT NULL THEN 'other' END`;
}

/** The first three digits of a ZIP code, 000 where few people live; nothing of a code of another country. */
export function postalArea({ path }: Leaf, all: readonly Leaf[], dialect: Dialect): string {
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

export function publicSystem({ path }: Leaf, _all: readonly Leaf[], dialect: Dialect): string {
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
