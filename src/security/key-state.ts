/** What is known of a secret, and when it may be read again: plain data, so that it can be handed to another process. */
import { hash } from 'node:crypto';
import type { SecretFault } from './secrets/secret-source.js';

export interface HeldKeys {
  /** Newest first; none when the secret has no key that may be used. */
  readonly keys: readonly { readonly digest: Buffer; readonly version: string }[];
  readonly readAtMs: number;
}

export interface KeyState {
  readonly held?: HeldKeys | undefined;
  /** Why the secret could not be read the last time; nothing when it could. */
  readonly fault?: SecretFault | undefined;
  readonly dueAtMs: number;
  /** When an unknown key last had it read. */
  readonly earlyAtMs: number;
}

/** What those who compare keys ask of the one who reads them. */
export interface KeyReader {
  held(secretId: string): HeldKeys | undefined;
  /** Has the secret read at once or joins the reading, but starts one at most once in five seconds. */
  refreshEarly(secretId: string): Promise<void>;
  /** Waits for secrets whose reading is long due, as after a time without a processor. */
  catchUp(secretIds: readonly string[]): Promise<void> | undefined;
}

const earlyEveryMs = 5_000;

export function mayReadEarly({ earlyAtMs }: KeyState, nowMs: number): boolean {
  return nowMs - earlyAtMs >= earlyEveryMs;
}

export function isLate(state: KeyState | undefined, nowMs: number, refreshMs: number): boolean {
  return state?.held !== undefined && nowMs - state.dueAtMs > refreshMs;
}

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
