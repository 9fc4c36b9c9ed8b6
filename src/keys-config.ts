/** Which source of keys the settings mean, and the secret of each scheme and consumer. */
import { join } from 'node:path';
import type { ConsumerConfig } from './consumers.js';
import { type Circumstances, isLoopback } from './database-config.js';
import { type SecretName, consumerName, parseSecretName } from './secret-names.js';
import type { Values } from './settings.js';

/** `local` keys are made where they are missing. */
export type KeysConfig =
  | { readonly kind: 'local' | 'folder'; readonly folder: string }
  | {
      readonly kind: 'google';
      /** The full name of each secret id that does not stand in the project below under its own name. */
      readonly names: Readonly<Record<string, SecretName>>;
      readonly project: string | undefined;
      /** `host:port` of a local server without TLS. */
      readonly emulator: string | undefined;
    };

/** How the ring of keys is kept. */
export interface KeyRingConfig {
  readonly refreshMs: number;
  readonly maxAgeMs: number;
  /** Start although keys cannot be read yet. */
  readonly lateStart: boolean;
  /** `projects/P/subscriptions/S`. */
  readonly rotationSubscription: string | undefined;
  readonly consumers: readonly ConsumerConfig[];
}

export interface KeyCircumstances extends Circumstances {
  readonly host: string;
  readonly keysNeeded: boolean;
  /** The secret of each collection that is served. */
  readonly secretIds: Readonly<Record<string, string>>;
  /** The text of each setting. */
  readonly texts: Readonly<Record<string, string | undefined>>;
}

export function keysOf(values: Values, circumstances: KeyCircumstances): KeysConfig {
  const { folder, faults } = circumstances;
  const names = namesOf(values, circumstances);
  const project = values.SECRET_MANAGER_PROJECT;
  const emulator = values.SECRET_MANAGER_EMULATOR_HOST;
  const asksGoogle = project !== undefined || Object.keys(names).length > 0;
  if (values.API_KEYS_DIR !== undefined && asksGoogle) {
    faults.push(
      'API_KEYS_DIR contradicts SECRET_MANAGER_PROJECT and the *_SECRET_ID settings: leave one of them out',
    );
  }
  if (asksGoogle) {
    const config = { kind: 'google', names, project, emulator } as const;
    checkGoogle(config, circumstances);
    return config;
  }
  if (values.API_KEYS_ROTATION_SUBSCRIPTION !== undefined || emulator !== undefined) {
    faults.push(
      'API_KEYS_ROTATION_SUBSCRIPTION and SECRET_MANAGER_EMULATOR_HOST are of use only where SECRET_MANAGER_PROJECT or a *_SECRET_ID setting names secrets',
    );
  }
  if (values.API_KEYS_DIR !== undefined) return { kind: 'folder', folder: values.API_KEYS_DIR };
  checkLocal(circumstances);
  return { kind: 'local', folder: join(folder, '.local', 'keys') };
}

export function keyRingOf(values: Values, circumstances: KeyCircumstances): KeyRingConfig {
  const { secretIds, faults, keysNeeded } = circumstances;
  const known = Object.keys(secretIds);
  for (const { name, collections } of keysNeeded ? values.CONSUMERS : []) {
    const unknown = Object.keys(collections).filter((collection) => !known.includes(collection));
    if (unknown.length === 0) continue;
    faults.push(
      `CONSUMERS gives ${name} the collection ${unknown.join(', ')}; there are ${known.join(', ')}`,
    );
  }
  const ids = consumerSecrets(values.CONSUMERS, secretIds).map(({ secretId }) => secretId);
  const shared = ids.filter((secretId, index) => ids.indexOf(secretId) !== index);
  if (shared.length > 0)
    faults.push(`CONSUMERS gives ${shared.join(', ')} to more than one reader`);
  return {
    refreshMs: values.API_KEYS_REFRESH_SECONDS * 1000,
    maxAgeMs: values.API_KEYS_MAX_AGE_SECONDS * 1000,
    lateStart: values.API_KEYS_ALLOW_LATE_START,
    rotationSubscription: values.API_KEYS_ROTATION_SUBSCRIPTION,
    consumers: values.CONSUMERS,
  };
}

/** `patients_api_key` is named by `PATIENTS_API_KEY_SECRET_ID`; a hyphen of an id is an underscore there. */
function settingOfSecret(secretId: string): string {
  return `${secretId.toUpperCase().replaceAll('-', '_')}_SECRET_ID`;
}

function namesOf(values: Values, { secretIds, texts, faults }: KeyCircumstances) {
  const names: Record<string, SecretName> = {};
  const add = (secretId: string, setting: string, text: string | undefined) => {
    if (text === undefined || text === '') return;
    const name = parseSecretName(text);
    if (name !== undefined) names[secretId] = name;
    else faults.push(`${setting} must be projects/P/secrets/S/versions/V, V a number or latest`);
  };
  for (const secretId of Object.values(secretIds)) {
    const setting = settingOfSecret(secretId);
    add(secretId, setting, texts[setting]);
  }
  for (const { base, secretId, consumer, given } of consumerSecrets(values.CONSUMERS, secretIds)) {
    const setting = settingOfSecret(secretId);
    if (secretId.includes('/')) add(secretId, 'a secret in CONSUMERS', secretId);
    else add(secretId, setting, texts[setting]);
    const beside = names[base];
    if (beside !== undefined) names[secretId] ??= consumerName(beside, consumer, given);
  }
  return names;
}

interface ConsumerSecret {
  readonly collection: string;
  readonly consumer: string;
  readonly secretId: string;
  /** The secret as `CONSUMERS` names it. */
  readonly given: string | undefined;
  /** The secret id of the collection's default consumer. */
  readonly base: string;
}

/** The secret of each consumer for each of its collections. */
function consumerSecrets(
  consumers: readonly ConsumerConfig[],
  secretIds: Readonly<Record<string, string>>,
): readonly ConsumerSecret[] {
  return consumers.flatMap(({ name, collections }) =>
    Object.entries(collections).flatMap(([collection, given]) => {
      const base = secretIds[collection];
      if (base === undefined) return [];
      return [{ collection, consumer: name, secretId: given ?? `${base}_${name}`, given, base }];
    }),
  );
}

type GoogleConfig = Extract<KeysConfig, { kind: 'google' }>;

function checkGoogle(
  { names, project, emulator }: GoogleConfig,
  { secretIds, production, faults }: KeyCircumstances,
): void {
  const unnamed = Object.values(secretIds).filter((secretId) => !(secretId in names));
  if (project === undefined && unnamed.length > 0) {
    faults.push(
      `${unnamed.map(settingOfSecret).join(', ')} must be set as well, or SECRET_MANAGER_PROJECT for all`,
    );
  }
  if (production && emulator !== undefined) {
    faults.push('SECRET_MANAGER_EMULATOR_HOST is for tests: leave it out in production');
  }
}

function checkLocal({ production, host, keysNeeded, faults }: KeyCircumstances): void {
  if (!keysNeeded || (!production && isLoopback(host))) return;
  faults.push(
    'SECRET_MANAGER_PROJECT must name the project of the keys’ secrets, or API_KEYS_DIR a folder with a file for each: keys are made locally only outside production and while HOST is a loopback address',
  );
}
