// A field that went while one of the same shape came.
import type { Change } from '../change.js';
import { type JsonObject, followed, isSame, objectOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function fieldRenamed(pair: Pair): readonly Change[] {
  const { kind, where, direction, base, revision, documents } = pair;
  if (kind !== 'schema') return [];
  const before = objectOf(base.properties);
  const after = objectOf(revision.properties);
  const added = Object.keys(after).filter((name) => !(name in before));
  return Object.keys(before)
    .filter((name) => !(name in after))
    .flatMap((name): readonly Change[] => {
      const shape = shapeOf(followed(documents.base, before[name]));
      const heir = added.find((candidate) =>
        isSame(shapeOf(followed(documents.revision, after[candidate])), shape),
      );
      if (heir === undefined) return [];
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

/** What a value may be, without the words about it. */
function shapeOf({ description: _, title: __, example: ___, ...shape }: JsonObject): JsonObject {
  return shape;
}
