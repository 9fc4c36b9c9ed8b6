// Whatever is to go says until when it stays.
import { type Change, breaking } from '../change.js';
import type { Pair } from '../pairs.js';

const kinds = ['operation', 'parameter', 'header', 'schema'];

export function deprecation({ kind, where, base, revision }: Pair): readonly Change[] {
  if (!kinds.includes(kind)) return [];
  const before = base['x-sunset'];
  const after = revision['x-sunset'];
  if (revision.deprecated === true && !isDay(after)) {
    return breaking(
      `${where}/x-sunset`,
      'It is deprecated without a day until which it stays.',
      'reader',
      'Write x-sunset beside deprecated, as YYYY-MM-DD.',
    );
  }
  if (!isDay(before) || revision.deprecated !== true || !isDay(after) || after >= before) return [];
  return breaking(
    `${where}/x-sunset`,
    `The end was brought forward from ${before} to ${after}.`,
    'reader',
    'Keep the day that was announced, or take a later one.',
  );
}

export function isDay(value: unknown): value is string {
  return (
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !isNaN(Date.parse(value))
  );
}
