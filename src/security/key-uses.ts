/** Which consumer used which version of its key, how often, and when last. */
import type { Log } from '../log.js';

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
