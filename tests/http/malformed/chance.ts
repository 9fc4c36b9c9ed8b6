/** Choices that follow from a seed. */
import { randomFrom } from '../../../bench/torture/random.js';

export const crlf = '\r\n';
/** Of the request that is broken. */
export const path = '/patients?limit=2';

export interface Chance {
  readonly random: () => number;
  readonly below: (limit: number) => number;
  readonly oneOf: <Item>(items: readonly [Item, ...Item[]]) => Item;
  readonly bytes: (length: number) => string;
}

export function chanceFrom(seed: number): Chance {
  const random = randomFrom(seed);
  // Close seeds give close first numbers.
  for (let skipped = 0; skipped < 3; skipped += 1) random();
  const below = (limit: number) => Math.floor(random() * limit);
  return {
    random,
    below,
    oneOf: (items) => items[below(items.length)] ?? items[0],
    bytes: (length) => String.fromCharCode(...Array.from({ length }, () => below(256))),
  };
}
