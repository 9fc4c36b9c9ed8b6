// Less protection for a field, or protection of another kind: readers redact, tag and de-identify by `x-phi`.
import { type Change, breaking } from '../change.js';
import { type Json, isSame, wordOf } from '../json.js';
import type { Pair } from '../pairs.js';

/**
 * What each level may become without a loss. `quasi` and `health` are different kinds: the one is made coarser, the
 * other is tagged, so neither holds what the other promised. A field without a level is unknown to every tool.
 */
const asProtected: Readonly<Record<string, readonly string[]>> = {
  none: ['none', 'quasi', 'health', 'direct'],
  quasi: ['quasi', 'direct'],
  health: ['health', 'direct'],
  direct: ['direct'],
};

export function phiLowered({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'schema') return [];
  const before = base['x-phi'];
  const after = revision['x-phi'];
  const lost = !isAsProtected(before, after);
  const lostText = base['x-free-text'] === true && revision['x-free-text'] !== true;
  if (!lost && !lostText) return [];
  return breaking(
    `${where}/${lost ? 'x-phi' : 'x-free-text'}`,
    lost
      ? `The protection ${wordOf(before)} was given up for ${wordOf(after)}.`
      : 'Free text no longer counts as naming a person.',
    'reader',
    'Keep the level; publish what is harmless as a field of its own.',
  );
}

function isAsProtected(before: Json | undefined, after: Json | undefined): boolean {
  if (before === undefined || isSame(before, after)) return true;
  return asProtected[wordOf(before)]?.includes(wordOf(after)) ?? false;
}
