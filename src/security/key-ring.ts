/** The keys of each security scheme and consumer, compared in constant time. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Log } from '../log.js';
import type { Holder } from './holders.js';
import type { SecretError } from './secrets/secret-source.js';

/** Whose key it was, and which version of it. */
export interface Grant {
  readonly consumer: string;
  readonly version: string;
}

export interface KeyRing {
  /**
   * @param mayRefresh let an unknown key have the source asked again
   * @returns nothing when the scheme has no such key
   * @throws KeysUnavailable when that cannot be told: keys were never read, or not for too long
   */
  find(scheme: string, key: string | undefined, mayRefresh: boolean): Promise<Grant | undefined>;
  /** The schemes that have no key. */
  missing(): readonly string[];
}

export interface KeyRingOptions {
  readonly reader: KeyReader;
  readonly holders: readonly Holder[];
  readonly uses: KeyUses;
  readonly maxAgeMs: number;
  readonly now: () => number;
}

class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { reader, uses, maxAgeMs, now } = options;
  const schemes = new Map<string, readonly Holder[]>();
  for (const holder of options.holders) {
    schemes.set(holder.scheme, [...(schemes.get(holder.scheme) ?? []), holder]);
  }
  const held = ({ secretId }: Holder) => fresh(reader.held(secretId), now() - maxAgeMs);
  return {
    find: async (scheme, key, mayRefresh) => {
      if (key === undefined || key === '' || key.length > longestKey) return undefined;
      const holders = schemes.get(scheme) ?? [];
      const secretIds = holders.map(({ secretId }) => secretId);
      await reader.catchUp(secretIds);
      const digest = digestOf(key);
      let grant = match(holders, digest, held);
      if (grant === undefined && mayRefresh) {
        await Promise.all(secretIds.map((secretId) => reader.refreshEarly(secretId)));
        grant = match(holders, digest, held);
      }
      if (grant !== undefined) uses.count({ scheme, ...grant });
      else if (holders.some((holder) => held(holder) === undefined)) {
        throw new KeysUnavailable(`the keys of ${scheme} could not be read`);
      }
      return grant;
    },
    missing: () => keylessSchemes(options.holders, held),
  };
}

export function keylessSchemes(
  holders: readonly Holder[],
  held: (holder: Holder) => HeldKeys | undefined,
): readonly string[] {
  const keyed = new Set(
    holders.filter((holder) => held(holder)?.keys.length).map(({ scheme }) => scheme),
  );
  const schemes = new Set(holders.map(({ scheme }) => scheme));
  return [...schemes].filter((scheme) => !keyed.has(scheme));
}

function fresh(held: HeldKeys | undefined, oldestMs: number): HeldKeys | undefined {
  return held !== undefined && held.readAtMs >= oldestMs ? held : undefined;
}

/** All are compared, so that the time taken does not tell which one matched. */
function match(
  holders: readonly Holder[],
  digest: Buffer,
  held: (holder: Holder) => HeldKeys | undefined,
): Grant | undefined {
  let grant: Grant | undefined;
  for (const holder of holders) {
    for (const { digest: known, version } of held(holder)?.keys ?? []) {
      if (timingSafeEqual(known, digest)) grant ??= { consumer: holder.consumer, version };
    }
  }
  return grant;
}

export interface KeyUse {
  readonly scheme: string;
  readonly consumer: string;
  readonly version: string;
  readonly uses: number;
  readonly lastUsedMs: number;
}

export interface KeyUses {
  count(use: Pick<KeyUse, 'scheme' | 'consumer' | 'version'>): void;
  /** Since the start, for metrics. */
  list(): readonly KeyUse[];
  close(): void;
}

export interface KeyUsesOptions {
  readonly log: Log;
  readonly now: () => number;
}

/** A version in use is logged at its first use, and then at most this often. */
const logEveryMs = 600_000;

type Counted = { -readonly [Fact in keyof KeyUse]: KeyUse[Fact] } & { loggedMs: number };

export function createKeyUses({ log, now }: KeyUsesOptions): KeyUses {
  const counted = new Map<string, Counted>();
  const tell = (use: Counted) => {
    const { scheme, consumer, version, uses } = use;
    use.loggedMs = use.lastUsedMs;
    const lastUsed = new Date(use.lastUsedMs).toISOString();
    log.info({ scheme, consumer, keyVersion: version, uses, lastUsed }, 'key in use');
  };
  return {
    count: ({ scheme, consumer, version }) => {
      const id = `${scheme} ${consumer} ${version}`;
      const use = counted.get(id) ?? {
        ...{ scheme, consumer, version, uses: 0, lastUsedMs: 0 },
        loggedMs: -Infinity,
      };
      counted.set(id, use);
      use.uses += 1;
      use.lastUsedMs = now();
      if (use.lastUsedMs - use.loggedMs >= logEveryMs) tell(use);
    },
    list: () => [...counted.values()].map(({ loggedMs: _, ...use }) => use),
    close: () => {
      for (const use of counted.values()) if (use.lastUsedMs > use.loggedMs) tell(use);
    },
  };
}

export interface HeldKeys {
  /** Newest first; none when the secret has no key that may be used. */
  readonly keys: readonly { readonly digest: Buffer; readonly version: string }[];
  readonly readAtMs: number;
}

export interface KeyState {
  readonly held?: HeldKeys | undefined;
  /** Why the secret could not be read the last time; nothing when it could. */
  readonly error?: SecretError | undefined;
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
const longestKey = 8192;

export function textOfKey(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/\r?\n$/, '');
}

/** Says why the text is no key; nothing when it is one. */
export function errorOfKey(text: string): string | undefined {
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
