// A promise about a body that was dropped, or a demand on one that was made.
import { type Change, breaking } from '../change.js';
import type { Pair } from '../pairs.js';

export function bodySchema({ kind, where, direction, base, revision }: Pair): readonly Change[] {
  if (kind !== 'mediaType' && kind !== 'parameter') return [];
  const place = `${where}/schema`;
  const had = base.schema !== undefined;
  const has = revision.schema !== undefined;
  if (direction === 'response' && had && !has) {
    return breaking(
      place,
      'Nothing is promised about the body any more.',
      'reader',
      'Keep the schema.',
    );
  }
  if (direction === 'request' && had !== has) {
    return breaking(
      place,
      has ? 'What clients send is checked now.' : 'What clients send is written differently.',
      'sender',
      'Add a parameter or media type beside it.',
    );
  }
  return [];
}
