/** The keys of each security scheme, read from their source again and again, compared in constant time. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Log } from '../log.js';
import type { SecretSource } from './secret-source.js';

export interface KeyRing {
  /**
   * @returns whose key it is; nothing when the scheme has no such key
   * @throws KeysUnavailable when the scheme's keys were never read, or not for too long
   */
  find(scheme: string, key: string | undefined): Promise<{ readonly consumer: string } | undefined>;
  /** The schemes that have no key. */
  missing(): readonly string[];
  close(): void;
}

export interface KeyRingOptions {
  readonly source: SecretSource;
  /** The id of each scheme's secret. */
  readonly secretIds: ReadonlyMap<string, string>;
  readonly log: Log;
  readonly now: () => number;
}

export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

interface Held {
  digests: readonly Buffer[];
  readAtMs: number;
  askedAtMs: number;
}

const refreshIntervalMs = 60_000;
/** An unknown key asks the source again at most this often, so that a fresh key works at once. */
const earlyRefreshMs = 5_000;
/** Keys that could not be read again go on for this long. */
const maxAgeMs = 24 * 3_600_000;

/** Reads every scheme's keys once before it answers; a source that fails then leaves the ring without them. */
export async function createKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { secretIds, now } = options;
  const held = new Map<string, Held>();
  const refresh = refresherOf(options, held);
  await Promise.all([...secretIds.keys()].map(refresh));
  const timer = setInterval(() => {
    for (const scheme of secretIds.keys()) void refresh(scheme);
  }, refreshIntervalMs);
  timer.unref();
  return {
    find: async (scheme, key) => {
      if (key === undefined || key === '') return undefined;
      const digest = digestOf(key);
      if (isKnown(held.get(scheme), digest, now())) return { consumer: 'default' };
      if (now() - (held.get(scheme)?.askedAtMs ?? -Infinity) >= earlyRefreshMs)
        await refresh(scheme);
      if (isKnown(held.get(scheme), digest, now())) return { consumer: 'default' };
      assertFresh(held.get(scheme), now());
      return undefined;
    },
    missing: () => [...secretIds.keys()].filter((scheme) => !held.get(scheme)?.digests.length),
    close: () => {
      clearInterval(timer);
    },
  };
}

function refresherOf({ source, secretIds, log, now }: KeyRingOptions, held: Map<string, Held>) {
  return async (scheme: string): Promise<void> => {
    const secretId = secretIds.get(scheme);
    if (secretId === undefined) return;
    const known = held.get(scheme) ?? { digests: [], readAtMs: -Infinity, askedAtMs: -Infinity };
    held.set(scheme, { ...known, askedAtMs: now() });
    try {
      const keys = await source.read(secretId);
      const digests = keys.map(({ value }) => digestOf(value));
      held.set(scheme, { digests, readAtMs: now(), askedAtMs: now() });
      if (digests.length === 0) log.warn({ scheme }, 'the scheme has no key: nobody gets in');
    } catch (error) {
      log.warn({ scheme, error }, 'the keys could not be read; those known go on');
    }
  };
}

function isKnown(held: Held | undefined, digest: Buffer, nowMs: number): boolean {
  if (held === undefined || nowMs - held.readAtMs > maxAgeMs) return false;
  // All are compared, so that the time taken does not tell which one matched.
  return held.digests.reduce((found, known) => timingSafeEqual(known, digest) || found, false);
}

function assertFresh(held: Held | undefined, nowMs: number): void {
  if (held === undefined || nowMs - held.readAtMs > maxAgeMs) {
    throw new KeysUnavailable('the keys of this scheme could not be read');
  }
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
