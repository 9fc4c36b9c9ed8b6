// Less protection for a field: readers redact, tag and de-identify by `x-phi`.
import { type Change, breaking } from '../change.js';
import { wordOf } from '../json.js';
import type { Pair } from '../pairs.js';

/** From least to most protected; a field without a level is unknown to every tool that goes by it. */
const levels: readonly unknown[] = [undefined, 'none', 'quasi', 'health', 'direct'];

export function phiLowered({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'schema') return [];
  const before = base['x-phi'];
  const after = revision['x-phi'];
  const isLower = levels.indexOf(after) < levels.indexOf(before);
  const lostText = base['x-free-text'] === true && revision['x-free-text'] !== true;
  if (!isLower && !lostText) return [];
  return breaking(
    `${where}/${isLower ? 'x-phi' : 'x-free-text'}`,
    isLower
      ? `Protection was lowered from ${wordOf(before)} to ${wordOf(after)}.`
      : 'Free text no longer counts as naming a person.',
    'reader',
    'Keep the level; publish what is harmless as a field of its own.',
  );
}
