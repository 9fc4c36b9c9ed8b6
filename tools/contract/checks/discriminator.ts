// The field by which generated clients choose a type.
import { type Change, breaking } from '../change.js';
import { isSame, objectOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function discriminator({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'schema' || base.discriminator === undefined) return [];
  const before = objectOf(base.discriminator);
  const after = objectOf(revision.discriminator);
  const lost = Object.entries(objectOf(before.mapping)).some(
    ([value, target]) => !isSame(objectOf(after.mapping)[value], target),
  );
  if (before.propertyName === after.propertyName && !lost) return [];
  return breaking(
    `${where}/discriminator`,
    'The discriminator chooses differently, or is gone.',
    'reader',
    'Keep its field and every mapping; new values may be added.',
  );
}
