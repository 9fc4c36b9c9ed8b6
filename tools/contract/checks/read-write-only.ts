// A field that turns up in one direction only.
import { type Change, breaking } from '../change.js';
import type { Pair } from '../pairs.js';

export function readWriteOnly({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'schema') return [];
  return [
    ['readOnly', 'sender', 'Clients may no longer send it.'] as const,
    ['writeOnly', 'reader', 'It is no longer in responses.'] as const,
  ].flatMap(([keyword, breaks, effect]) => {
    const before = base[keyword] === true;
    if (before === (revision[keyword] === true)) return [];
    return breaking(
      `${where}/${keyword}`,
      before ? `${keyword} was taken away.` : `${keyword} was set: ${effect}`,
      breaks,
      'Add a second field for the other direction.',
    );
  });
}
