// A field that senders still send and nobody reads.
import { type Change, breaking } from '../change.js';
import { objectOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function requestPropertyRemoved({
  kind,
  where,
  direction,
  base,
  revision,
}: Pair): readonly Change[] {
  if (kind !== 'schema' || direction !== 'request') return [];
  const after = objectOf(revision.properties);
  return Object.keys(objectOf(base.properties))
    .filter((name) => !(name in after))
    .flatMap((name) =>
      breaking(
        `${where}/properties/${name}`,
        `The field ${name} is sent in vain.`,
        'sender',
        'Keep reading it, deprecated with x-sunset.',
      ),
    );
}
