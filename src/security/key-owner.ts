/** The one reader of a service's keys: opens the source that the configuration names, and keeps what it read fresh. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyRingConfig, KeysConfig } from '../config/config.js';
import type { Contract } from '../contract/contract.js';
import type { Log } from '../log.js';
import { type Holder, holdersOf } from './holders.js';
import { createKeyRefresher, type KeyRefresher } from './key-refresher.js';
import { type KeyReader, keylessSchemes } from './key-ring.js';
import { createKeySharing, type KeyChannel } from './key-sharing.js';
import { createFileSource } from './secrets/file-source.js';
import type { RotationEvents } from './secrets/rotation-events.js';
import { fullNames, type SecretError, type SecretSource } from './secrets/secret-source.js';

export interface KeyOwnerOptions {
  readonly config: KeysConfig;
  readonly rules: KeyRingConfig;
  readonly contract: Contract;
  readonly log: Log;
  /** In place of the source that the configuration names. */
  readonly secretSource?: SecretSource;
  readonly now: () => number;
}

export interface KeyOwner {
  readonly reader: KeyReader;
  /** Lets the worker at the other end, which opened its keys with such a channel, read what is read here. */
  readonly share: (channel: KeyChannel) => void;
  readonly close: () => Promise<void>;
}

/** A key that the service cannot do without is not there: a line for each. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
}

/** @throws KeysError when a secret cannot be read, or a scheme has no key; unless a late start is allowed */
export async function openKeyOwner(options: KeyOwnerOptions): Promise<KeyOwner> {
  const { config, rules } = options;
  const holders = holdersOf(options.contract, rules);
  const secretIds = holders.map(({ secretId }) => secretId);
  if (options.secretSource === undefined && config.kind === 'local') {
    await makeLocalKeys(config.folder, secretIds);
  }
  const source = options.secretSource ?? (await openSource(config, secretIds));
  const sharing = createKeySharing(() => refresher);
  const refresher = createKeyRefresher({
    ...options,
    ...{ source, secretIds, refreshMs: rules.refreshMs, onRead: sharing.tell },
  });
  await readAll(refresher, secretIds, rules.lateStart ? 0 : startDeadlineMs);
  if (!rules.lateStart) await assertReadable({ refresher, holders, source });
  const events = await openEvents(options, refresher, secretIds);
  return {
    reader: refresher,
    share: sharing.share,
    close: async () => {
      await events?.close();
      await refresher.close();
    },
  };
}

/** A source that cannot be reached may be on its way back: so long a start waits for it. */
const startDeadlineMs = 8_000;
const startRetryMs = 500;

async function readAll(
  refresher: KeyRefresher,
  secretIds: readonly string[],
  deadlineMs: number,
): Promise<void> {
  const started = performance.now();
  let unread = secretIds;
  for (;;) {
    await Promise.all(unread.map((secretId) => refresher.refresh(secretId)));
    unread = unread.filter((secretId) => isPassing(refresher.stateOf(secretId)?.error));
    if (unread.length === 0 || performance.now() - started > deadlineMs) return;
    await sleep(startRetryMs);
  }
}

function isPassing(error: SecretError | undefined): boolean {
  return error?.kind === 'unreachable' || error?.kind === 'damaged';
}

async function openSource(config: KeysConfig, secretIds: readonly string[]): Promise<SecretSource> {
  if (config.kind !== 'google') return createFileSource(config.folder);
  const { createGoogleSource } = await import('./secrets/google-source.js');
  return createGoogleSource({ names: fullNames(config, secretIds), emulator: config.emulator });
}

/** Loaded only here: without a subscription the service starts without Pub/Sub. */
async function openEvents(
  { config, rules, log }: KeyOwnerOptions,
  refresher: KeyRefresher,
  secretIds: readonly string[],
): Promise<RotationEvents | undefined> {
  const { rotationSubscription: subscription } = rules;
  if (subscription === undefined || config.kind !== 'google') return undefined;
  const names = [...fullNames(config, secretIds)];
  const { watchRotation } = await import('./secrets/rotation-events.js');
  const onChange = (secret: string) => {
    for (const [secretId, name] of names) {
      if (name.secret === secret) void refresher.refreshAnew(secretId);
    }
  };
  return watchRotation({ subscription, onChange, log });
}

interface Opened {
  readonly refresher: KeyRefresher;
  readonly holders: readonly Holder[];
  readonly source: SecretSource;
}

async function assertReadable({ refresher, holders, source }: Opened): Promise<void> {
  const errorOf = ({ secretId }: Holder) => refresher.stateOf(secretId)?.error;
  const unreadable = holders.flatMap((holder) => errorOf(holder)?.message ?? []);
  const keyless = keylessSchemes(holders, ({ secretId }) => refresher.held(secretId)).flatMap(
    (scheme) =>
      holders
        .filter((holder) => holder.scheme === scheme && errorOf(holder) === undefined)
        .map(({ secretId }) => `no key of ${scheme} can be used: ${remedyFor(source, secretId)}`),
  );
  const errors = [...unreadable, ...keyless];
  if (errors.length === 0) return;
  await refresher.close();
  throw new KeysError(errors.join('\n'));
}

function remedyFor(source: SecretSource, secretId: string): string {
  return `give ${secretId} a key of 16 or more printable characters, with: ${source.remedy?.(secretId) ?? ''}`;
}

/** Makes the keys that are not there yet: 32 random bytes each, base64url. */
async function makeLocalKeys(folder: string, secretIds: readonly string[]): Promise<void> {
  // The folder above holds more than keys, and the embedded database's own account has to pass through it.
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder, { mode: 0o700 }).catch(unlessThere);
  await Promise.all(secretIds.map((secretId) => makeKey(join(folder, secretId))));
}

async function makeKey(file: string): Promise<void> {
  const key = `${randomBytes(32).toString('base64url')}\n`;
  await writeFile(file, key, { mode: 0o600, flag: 'wx' }).catch(unlessThere);
}

function unlessThere(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
  throw error;
}
