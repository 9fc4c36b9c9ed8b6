/** Opens the key ring of a contract's schemes: on a source of its own, or as one of several workers. */
import { type Holder, holdersOf } from './holders.js';
import { type KeyOwnerOptions, openKeyOwner } from './key-owner.js';
import {
  type KeyReader,
  type KeyRing,
  type KeyUse,
  createKeyRing,
  createKeyUses,
} from './key-ring.js';
import { type KeyChannel, readSharedKeys } from './key-sharing.js';

export interface KeysOptions extends KeyOwnerOptions {
  /** To the process that reads the keys for this one. */
  readonly keyChannel?: KeyChannel;
}

export interface Keys extends KeyRing {
  /** Since the start of this process. */
  uses(): readonly KeyUse[];
  /** When each consumer's keys were last read from their source. */
  read(): readonly KeyReading[];
  close(): Promise<void>;
}

interface KeyReading {
  readonly scheme: string;
  readonly consumer: string;
  readonly readAtMs: number;
}

/** @throws KeysError when a secret cannot be read, or a scheme has no key; unless a late start is allowed */
export async function openKeys(options: KeysOptions): Promise<Keys> {
  const { rules, log, now } = options;
  const holders = holdersOf(options.contract, rules);
  const { reader, close } = await openReader(options, holders);
  const uses = createKeyUses({ log, now });
  return {
    ...createKeyRing({ reader, holders, uses, maxAgeMs: rules.maxAgeMs, now }),
    uses: () => uses.list(),
    read: () =>
      holders.flatMap(({ scheme, consumer, secretId }) => {
        const held = reader.held(secretId);
        return held === undefined ? [] : [{ scheme, consumer, readAtMs: held.readAtMs }];
      }),
    close: async () => {
      uses.close();
      await close?.();
    },
  };
}

interface Opened {
  readonly reader: KeyReader;
  readonly close?: () => Promise<void>;
}

async function openReader(options: KeysOptions, holders: readonly Holder[]): Promise<Opened> {
  const { keyChannel: channel, rules, now } = options;
  if (channel === undefined) return openKeyOwner(options);
  const secretIds = holders.map(({ secretId }) => secretId);
  return {
    reader: await readSharedKeys({ channel, secretIds, refreshMs: rules.refreshMs, now }),
  };
}
