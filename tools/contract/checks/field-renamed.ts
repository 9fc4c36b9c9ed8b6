// A field that went while another came in its place.
import type { Change } from '../change.js';
import { type Json, type JsonObject, followed, isSame, objectOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function fieldRenamed(pair: Pair): readonly Change[] {
  const { kind, where, direction, base, revision, documents } = pair;
  if (kind !== 'schema') return [];
  const before = fieldsOf(documents.base, base);
  const after = fieldsOf(documents.revision, revision);
  const heirs = new Set([...after.keys()].filter((name) => !before.has(name)));
  return [...before].flatMap(([name, field]): readonly Change[] => {
    if (after.has(name)) return [];
    const heir = [...heirs].find((other) => isHeir(name, field, other, after.get(other) ?? {}));
    if (heir === undefined) return [];
    heirs.delete(heir);
    return [
      {
        change: `The field ${name} was renamed to ${heir}.`,
        where: `${where}/properties/${name}`,
        verdict: 'breaking',
        breaks: direction === 'response' ? 'reader' : 'sender',
        instead: `Keep ${name} beside ${heir} with the same value, deprecated with x-sunset.`,
      },
    ];
  });
}

function fieldsOf(document: JsonObject, schema: JsonObject): ReadonlyMap<string, JsonObject> {
  const fields = Object.entries(objectOf(schema.properties));
  return new Map(fields.map(([name, value]: [string, Json]) => [name, followed(document, value)]));
}

/** Described alike, or of the same shape with a word of the name in common. A shape alone says little: many are texts. */
function isHeir(name: string, field: JsonObject, other: string, heir: JsonObject): boolean {
  if (field.description !== undefined && field.description === heir.description) return true;
  const words = name.split('_');
  return (
    other.split('_').some((word) => words.includes(word)) && isSame(shapeOf(field), shapeOf(heir))
  );
}

/** What a value may be, without the words about it and without what is said of its end. */
function shapeOf({
  description: _,
  title: _1,
  example: _2,
  deprecated: _3,
  'x-deprecated-since': _4,
  'x-sunset': _5,
  ...shape
}: JsonObject): JsonObject {
  return shape;
}
