// The first media type is what a client gets that does not ask for any.
import { type Change, breaking } from '../change.js';
import { objectOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function defaultRepresentation({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'response') return [];
  const [before] = Object.keys(objectOf(base.content));
  const [after] = Object.keys(objectOf(revision.content));
  if (before === undefined || after === undefined || before === after) return [];
  if (!(before in objectOf(revision.content))) return [];
  return breaking(
    `${where}/content`,
    `Without Accept the answer is ${after} instead of ${before}.`,
    'reader',
    `Keep ${before} first; clients ask for ${after} by Accept.`,
  );
}
