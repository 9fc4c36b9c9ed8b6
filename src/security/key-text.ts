/** What makes the bytes of a secret a key. */
import { hash } from 'node:crypto';

const shortest = 16;
/** Longer ones do not fit into the header of a request. */
export const longestKey = 8192;

export function textOfKey(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/\r?\n$/, '');
}

/** Says why the text is no key; nothing when it is one. */
export function faultOfKey(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (text.length < shortest) return `is shorter than ${shortest} bytes`;
  if (text.length > longestKey) return `is longer than ${longestKey} bytes`;
  if (!/^[\x20-\x7e]+$/.test(text)) return 'holds bytes that are not printable ASCII';
  if (text.trim() !== text) return 'begins or ends with a space';
  return undefined;
}

export function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
