/** The values of a record that may not be found in a de-identified view, by the contract's own annotations. */
import type { Collection } from '../../src/contract/collections.js';
import type { JsonSchema } from '../../src/contract/document.js';

type Value = Readonly<Record<string, unknown>>;

export function identifiersOf({ recordSchema }: Collection, record: Value): readonly string[] {
  return valuesOf(recordSchema, record);
}

function valuesOf({ properties }: JsonSchema, record: Value): readonly string[] {
  return Object.entries(properties ?? {}).flatMap(([name, schema]) => {
    const value = record[name];
    if (value === null || value === undefined) return [];
    if (schema.properties !== undefined) return valuesOf(schema, value as Value);
    return isIdentifying(name, schema) ? textsOf(value) : [];
  });
}

function isIdentifying(name: string, schema: JsonSchema): boolean {
  const { 'x-phi': phi, 'x-free-text': isFreeText, 'x-deidentified': wanted } = schema;
  if (phi === 'direct' || isFreeText === true) return true;
  if (phi === 'quasi') {
    const isOpen = schema.enum === undefined && ![schema.type].flat().includes('boolean');
    return isOpen && wanted !== 'state' && wanted !== 'country';
  }
  return ['source', 'mrn_system', 'created_by', 'updated_by'].includes(name);
}

/** A number in words is a result; published as a number, and nobody's name. */
function textsOf(value: unknown): readonly string[] {
  return [value]
    .flat()
    .map(String)
    .filter((text) => !/^[<>=]*\d{1,6}(?:\.\d+)?$/.test(text));
}

/** The identifiers that stand in a view: as a whole value, or, of four characters and more, in the middle of one. */
export function found(identifiers: Iterable<string>, rows: readonly Value[]): readonly string[] {
  const cells = new Set(
    rows.flatMap((row) =>
      Object.entries(row).flatMap(([name, value]) =>
        value === null || name.endsWith('_key') ? [] : [value].flat().map(String),
      ),
    ),
  );
  const text = [...cells].join('\n');
  return [...identifiers].filter(
    (identifier) => cells.has(identifier) || (identifier.length > 3 && text.includes(identifier)),
  );
}
