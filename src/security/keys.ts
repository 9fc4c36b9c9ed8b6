/** Opens the key ring of a contract's schemes on the source that the configuration names. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyRingConfig, KeysConfig, SecretName } from '../config.js';
import type { Contract } from '../contract/contract.js';
import type { Log } from '../log.js';
import { createFileSource } from './file-source.js';
import { type Holder, type KeyRing, createKeyRing } from './key-ring.js';
import { type KeyRefresher, createKeyRefresher } from './key-refresher.js';
import { type KeyUse, createKeyUses } from './key-uses.js';
import { makeLocalKeys } from './local-keys.js';
import type { RotationEvents } from './rotation-events.js';
import type { SecretFault, SecretSource } from './secret-source.js';

export interface KeysOptions {
  readonly config: KeysConfig;
  readonly rules: KeyRingConfig;
  readonly contract: Contract;
  readonly log: Log;
  /** In place of the source that the configuration names. */
  readonly secretSource?: SecretSource;
  readonly now: () => number;
}

export interface Keys extends KeyRing {
  uses(): readonly KeyUse[];
  close(): Promise<void>;
}

/** A key that the service cannot do without is not there: a line for each. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
}

/** @throws KeysError when a secret cannot be read, or a scheme has no key; unless a late start is allowed */
export async function openKeys(options: KeysOptions): Promise<Keys> {
  const { config, rules, log, now } = options;
  const holders = holdersOf(options.contract, rules);
  const secretIds = holders.map(({ secretId }) => secretId);
  if (options.secretSource === undefined && config.kind === 'local') {
    await makeLocalKeys(config.folder, secretIds);
  }
  const source = options.secretSource ?? (await openSource(config, secretIds));
  const refresher = createKeyRefresher({ source, secretIds, refreshMs: rules.refreshMs, log, now });
  const uses = createKeyUses({ log, now });
  const ring = createKeyRing({ refresher, holders, uses, maxAgeMs: rules.maxAgeMs, now });
  await readAll(refresher, secretIds, rules.lateStart ? 0 : startDeadlineMs);
  if (!rules.lateStart) await assertReadable({ refresher, ring, holders, source });
  const events = await openEvents(options, refresher, secretIds);
  return {
    ...ring,
    uses: () => uses.list(),
    close: async () => {
      uses.close();
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
    unread = unread.filter((secretId) => isPassing(refresher.faultOf(secretId)));
    if (unread.length === 0 || performance.now() - started > deadlineMs) return;
    await sleep(startRetryMs);
  }
}

function isPassing(fault: SecretFault | undefined): boolean {
  return fault?.kind === 'unreachable' || fault?.kind === 'damaged';
}

async function openSource(config: KeysConfig, secretIds: readonly string[]): Promise<SecretSource> {
  if (config.kind !== 'google') return createFileSource(config.folder);
  const { createGoogleSource } = await import('./google-source.js');
  return createGoogleSource({ names: fullNames(config, secretIds), emulator: config.emulator });
}

/** Loaded only here: without a subscription the service starts without Pub/Sub. */
async function openEvents(
  { config, rules, log }: KeysOptions,
  refresher: KeyRefresher,
  secretIds: readonly string[],
): Promise<RotationEvents | undefined> {
  const { rotationSubscription: subscription } = rules;
  if (subscription === undefined || config.kind !== 'google') return undefined;
  const names = [...fullNames(config, secretIds)];
  const { watchRotation } = await import('./rotation-events.js');
  const onChange = (secret: string) => {
    for (const [secretId, name] of names) {
      if (name.secret === secret) void refresher.refreshAnew(secretId);
    }
  };
  return watchRotation({ subscription, onChange, log });
}

/** Ids without a name of their own stand in the project that the configuration names. */
export function fullNames(
  { names, project = '' }: Extract<KeysConfig, { kind: 'google' }>,
  secretIds: readonly string[],
): ReadonlyMap<string, SecretName> {
  return new Map(
    secretIds.map((secretId) => [
      secretId,
      names[secretId] ?? { project, secret: secretId, version: 'latest' },
    ]),
  );
}

interface Opened {
  readonly refresher: KeyRefresher;
  readonly ring: KeyRing;
  readonly holders: readonly Holder[];
  readonly source: SecretSource;
}

async function assertReadable({ refresher, ring, holders, source }: Opened): Promise<void> {
  const unreadable = holders.flatMap(({ secretId }) => refresher.faultOf(secretId)?.message ?? []);
  const keyless = ring
    .missing()
    .flatMap((scheme) =>
      holders
        .filter((holder) => holder.scheme === scheme && !refresher.faultOf(holder.secretId))
        .map(({ secretId }) => `no key of ${scheme} can be used: ${mendOf(source, secretId)}`),
    );
  const faults = [...unreadable, ...keyless];
  if (faults.length === 0) return;
  await refresher.close();
  throw new KeysError(faults.join('\n'));
}

function mendOf(source: SecretSource, secretId: string): string {
  return `give ${secretId} a key of 16 or more printable characters, with: ${source.mend?.(secretId) ?? ''}`;
}

/** The default consumer of each scheme, and the named ones beside it. */
export function holdersOf(contract: Contract, { consumers }: KeyRingConfig): readonly Holder[] {
  const secretIds = secretIdsOf(contract);
  const defaults = [...secretIds].map(([scheme, secretId]) => ({
    ...{ scheme, secretId, consumer: 'default' },
  }));
  const named = consumers.flatMap(({ name, collections }) =>
    contract.collections
      .filter((collection) => collection.name in collections)
      .map(({ name: collection, scheme }) => ({
        scheme,
        consumer: name,
        secretId: collections[collection] ?? `${secretIds.get(scheme) ?? scheme}_${name}`,
      })),
  );
  return [...defaults, ...named];
}

/** Each apiKey scheme's `x-secret-id`, the scheme's own name where the contract gives none. */
export function secretIdsOf({ document }: Contract): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(document.components.securitySchemes)
      .filter(([, { type }]) => type === 'apiKey')
      .map(([scheme, { 'x-secret-id': secretId }]) => [scheme, secretId ?? scheme]),
  );
}

/** The secret of each collection's scheme, by the collection's name. */
export function secretIdsOfCollections(contract: Contract): Readonly<Record<string, string>> {
  const secretIds = secretIdsOf(contract);
  return Object.fromEntries(
    contract.collections.map(({ name, scheme }) => [name, secretIds.get(scheme) ?? scheme]),
  );
}
