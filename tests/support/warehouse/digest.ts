/** The digest by which feed and table are compared: of ids and positions, whatever their order. */
import { createHash } from 'node:crypto';
import type { Entry } from '../../../src/warehouse/warehouse.js';

/** Hexadecimal digits: 60 bits, which every engine's signed integer holds. */
const digestDigits = 15;

/** The exclusive or of the first 60 bits of `MD5("<position> <id>")` of each, in hexadecimal. */
export function digestOf(entries: Iterable<Entry>): string {
  let digest = 0n;
  for (const { id, position } of entries) {
    const sum = createHash('md5').update(`${position} ${id}`).digest('hex');
    digest ^= BigInt(`0x${sum.slice(0, digestDigits)}`);
  }
  return digest.toString(16).padStart(digestDigits, '0');
}
