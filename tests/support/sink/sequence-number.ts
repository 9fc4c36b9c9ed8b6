/** `_CHANGE_SEQUENCE_NUMBER` as BigQuery compares it. */

const form = /^[0-9a-f]{1,16}(?:\/[0-9a-f]{1,16}){0,3}$/i;

/** @throws Error when it is none: one to four sections of at most sixteen hexadecimal digits */
export function sectionsOf(text: string): readonly bigint[] {
  if (!form.test(text)) throw new Error(`${text} is no _CHANGE_SEQUENCE_NUMBER`);
  return text.split('/').map((section) => BigInt(`0x${section}`));
}

/** Section by section as unsigned numbers; one that ends sooner is the lower. */
export function isLower(one: readonly bigint[], other: readonly bigint[]): boolean {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const difference = (one[index] ?? -1n) - (other[index] ?? -1n);
    if (difference !== 0n) return difference < 0n;
  }
  return false;
}
