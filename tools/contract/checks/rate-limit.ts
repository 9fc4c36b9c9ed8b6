// Fewer requests: who kept to the promised rate is refused from now on.
import { type Change, breaking } from '../change.js';
import { type JsonObject, objectOf, wordOf } from '../json.js';
import type { Pair } from '../pairs.js';

const keyword = 'x-rate-limit';

export function rateLimit({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'securityScheme' || revision[keyword] === undefined) return [];
  const before = objectOf(base[keyword]);
  const after = objectOf(revision[keyword]);
  const isLower =
    base[keyword] === undefined ||
    Number(after.requests) < Number(before.requests) ||
    rateOf(after) < rateOf(before);
  if (!isLower) return [];
  return breaking(
    `${where}/${keyword}`,
    `The rate went from ${wordOf(base[keyword])} to ${wordOf(after)}.`,
    'sender',
    'Keep the rate, or agree on a lower one with each consumer first.',
  );
}

function rateOf({ requests, seconds }: JsonObject): number {
  return Number(requests) / Number(seconds);
}
