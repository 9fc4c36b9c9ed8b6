// Generated clients name their classes after an operation's first tag.
import { type Change, breaking } from '../change.js';
import { textsOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function operationTag({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'operation') return [];
  const [before] = textsOf(base.tags);
  const [after] = textsOf(revision.tags);
  if (before === undefined || before === after) return [];
  return breaking(
    `${where}/tags`,
    `The operation moved from the tag ${before} to ${after ?? 'none'}.`,
    'sender',
    'Keep the first tag; add others behind it.',
  );
}
