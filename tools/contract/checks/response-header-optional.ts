// A response header that readers counted on and that may now be missing.
import { type Change, breaking } from '../change.js';
import type { Pair } from '../pairs.js';

export function responseHeaderOptional({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'header' || base.required !== true || revision.required === true) return [];
  return breaking(
    `${where}/required`,
    'The header is no longer sent always.',
    'reader',
    'Keep sending it, with a value that says that there is nothing.',
  );
}
