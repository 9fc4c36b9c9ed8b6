/**
 * The de-identified view of a collection: what its fields' `x-phi` lets pass, each in a form that tells of nobody.
 * @see 45 CFR 164.514(b)(2)(i)
 */
import type { Collection } from '../contract/collections.js';
import { type Dialect, record } from './dialect.js';
import { safeColumns } from './safe-columns.js';

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
