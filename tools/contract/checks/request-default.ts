// Another default: the same request means something else.
import { type Change, breaking } from '../change.js';
import { isSame, wordOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function requestDefault({
  kind,
  where,
  direction,
  base,
  revision,
}: Pair): readonly Change[] {
  if (kind !== 'schema' || direction !== 'request') return [];
  if (isSame(base.default, revision.default)) return [];
  return breaking(
    `${where}/default`,
    `The default went from ${wordOf(base.default)} to ${wordOf(revision.default)}.`,
    'sender',
    'Keep the default; whoever wants another value sends it.',
  );
}
