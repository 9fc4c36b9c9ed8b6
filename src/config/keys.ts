/** Which source of keys the settings mean, and the secret of each scheme and consumer. */
import { join } from 'node:path';
import { isLoopback } from './database.js';
import {
  anyText,
  boolean,
  type ConfigContext,
  type Setting,
  type ValuesOf,
  wholeNumber,
} from './setting.js';

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

export interface KeyContext extends ConfigContext {
  readonly host: string;
  readonly keysNeeded: boolean;
  /** The secret of each collection that is served. */
  readonly secretIds: Readonly<Record<string, string>>;
  /** The text of each setting. */
  readonly texts: Readonly<Record<string, string | undefined>>;
}

type KeyValues = ValuesOf<typeof keySettings>;

export function keysOf(values: KeyValues, context: KeyContext): KeysConfig {
  const { folder, errors } = context;
  const names = namesOf(values, context);
  const project = values.SECRET_MANAGER_PROJECT;
  const emulator = values.SECRET_MANAGER_EMULATOR_HOST;
  const asksGoogle = project !== undefined || Object.keys(names).length > 0;
  if (values.API_KEYS_DIR !== undefined && asksGoogle) {
    errors.push(
      'API_KEYS_DIR contradicts SECRET_MANAGER_PROJECT and the *_SECRET_ID settings: leave one of them out',
    );
  }
  if (asksGoogle) {
    const config = { kind: 'google', names, project, emulator } as const;
    checkGoogle(config, context);
    return config;
  }
  if (values.API_KEYS_ROTATION_SUBSCRIPTION !== undefined || emulator !== undefined) {
    errors.push(
      'API_KEYS_ROTATION_SUBSCRIPTION and SECRET_MANAGER_EMULATOR_HOST are of use only where SECRET_MANAGER_PROJECT or a *_SECRET_ID setting names secrets',
    );
  }
  if (values.API_KEYS_DIR !== undefined) return { kind: 'folder', folder: values.API_KEYS_DIR };
  checkLocal(context);
  return { kind: 'local', folder: join(folder, '.local', 'keys') };
}

export function keyRingOf(values: KeyValues, context: KeyContext): KeyRingConfig {
  const { secretIds, errors, keysNeeded } = context;
  const known = Object.keys(secretIds);
  for (const { name, collections } of keysNeeded ? values.CONSUMERS : []) {
    const unknown = Object.keys(collections).filter((collection) => !known.includes(collection));
    if (unknown.length === 0) continue;
    errors.push(
      `CONSUMERS gives ${name} the collection ${unknown.join(', ')}; there are ${known.join(', ')}`,
    );
  }
  const ids = consumerSecrets(values.CONSUMERS, secretIds).map(({ secretId }) => secretId);
  const shared = ids.filter((secretId, index) => ids.indexOf(secretId) !== index);
  if (shared.length > 0)
    errors.push(`CONSUMERS gives ${shared.join(', ')} to more than one reader`);
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

function namesOf(values: KeyValues, { secretIds, texts, errors }: KeyContext) {
  const names: Record<string, SecretName> = {};
  const add = (secretId: string, setting: string, text: string | undefined) => {
    if (text === undefined || text === '') return;
    const name = parseSecretName(text);
    if (name !== undefined) names[secretId] = name;
    else errors.push(`${setting} must be projects/P/secrets/S/versions/V, V a number or latest`);
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
  { secretIds, production, errors }: KeyContext,
): void {
  const unnamed = Object.values(secretIds).filter((secretId) => !(secretId in names));
  if (project === undefined && unnamed.length > 0) {
    errors.push(
      `${unnamed.map(settingOfSecret).join(', ')} must be set as well, or SECRET_MANAGER_PROJECT for all`,
    );
  }
  if (production && emulator !== undefined) {
    errors.push('SECRET_MANAGER_EMULATOR_HOST is for tests: leave it out in production');
  }
}

function checkLocal({ production, host, keysNeeded, errors }: KeyContext): void {
  if (!keysNeeded || (!production && isLoopback(host))) return;
  errors.push(
    'SECRET_MANAGER_PROJECT must name the project of the keys’ secrets, or API_KEYS_DIR a folder with a file for each: keys are made locally only outside production and while HOST is a loopback address',
  );
}

export const keySettings = {
  API_KEYS_DIR: {
    meaning: 'Folder with a file for each secret id of the contract, such as patients_api_key.',
    wanted: 'the path of a folder',
    example: '/run/secrets/api-keys',
    default: undefined,
    parse: anyText,
  } satisfies Setting<string | undefined>,
  SECRET_MANAGER_PROJECT: {
    meaning:
      'Google Cloud project whose Secret Manager holds the secrets that the contract names; `<SECRET_ID>_SECRET_ID`, such as PATIENTS_API_KEY_SECRET_ID=projects/P/secrets/S/versions/latest, names a single one elsewhere.',
    wanted: 'the id or number of a project',
    example: 'hospital-prod',
    default: undefined,
    parse: (text) => (/^[a-z0-9][a-z0-9.:-]{0,62}$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  SECRET_MANAGER_EMULATOR_HOST: {
    meaning: 'A local server, without TLS, in place of Secret Manager; refused in production.',
    wanted: 'host:port',
    example: '127.0.0.1:9085',
    default: undefined,
    parse: (text) => (/^[A-Za-z0-9.-]+:\d{1,5}$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  API_KEYS_REFRESH_SECONDS: {
    meaning: 'Keys are read again this often, or a little sooner.',
    wanted: 'a whole number from 1 to 3600',
    example: '60',
    default: 60,
    parse: wholeNumber(1, 3600),
  } satisfies Setting<number>,
  API_KEYS_MAX_AGE_SECONDS: {
    meaning: 'Keys that cannot be read again go on for this long; after it requests get 503.',
    wanted: 'a whole number from 1 to 2592000',
    example: '86400',
    default: 86_400,
    parse: wholeNumber(1, 2_592_000),
  } satisfies Setting<number>,
  API_KEYS_ALLOW_LATE_START: {
    meaning: 'Start although keys cannot be read yet; requests get 503 until they are.',
    wanted: '"true" or "false"',
    example: 'false',
    default: false,
    parse: boolean,
  } satisfies Setting<boolean>,
  API_KEYS_ROTATION_SUBSCRIPTION: {
    meaning:
      'Pub/Sub subscription to the secrets’ notification topic: a change of a secret is read at once.',
    wanted: 'projects/P/subscriptions/S',
    example: 'projects/hospital-prod/subscriptions/api-key-changes',
    default: undefined,
    parse: (text) => (/^projects\/[^/\s]+\/subscriptions\/[^/\s]+$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  CONSUMERS: {
    meaning:
      'Readers beside the default one, each with keys of its own: name, and collections as a list of names or as a mapping from name to secret (`<secret>_<consumer>` without it).',
    wanted:
      'a list such as [{"name":"research","collections":["patients"]}], each name once, of a-z, 0-9, "-" and "_", and not "default"',
    example: '[{"name":"research","collections":["patients"]}]',
    default: [],
    parse: parseConsumers,
  } satisfies Setting<readonly ConsumerConfig[]>,
};

export interface ConsumerConfig {
  readonly name: string;
  /** Each collection that it may read, with its secret where that is not `<secret>_<consumer>`. */
  readonly collections: Readonly<Record<string, string | undefined>>;
}

/** @returns nothing when the text is no such list, or names a consumer twice */
function parseConsumers(text: string): readonly ConsumerConfig[] | undefined {
  const list = parsedJson(text);
  if (!Array.isArray(list)) return undefined;
  const consumers = list.map(consumerOf).filter((consumer) => consumer !== undefined);
  const names = new Set(consumers.map(({ name }) => name));
  return consumers.length === list.length && names.size === list.length ? consumers : undefined;
}

function consumerOf(item: unknown): ConsumerConfig | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { name, collections, ...rest } = item as Readonly<Record<string, unknown>>;
  const secrets = secretsOf(collections);
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) return undefined;
  if (name === 'default' || secrets === undefined || Object.keys(rest).length > 0) return undefined;
  return { name, collections: secrets };
}

function secretsOf(collections: unknown): ConsumerConfig['collections'] | undefined {
  if (typeof collections !== 'object' || collections === null) return undefined;
  const entries = Array.isArray(collections)
    ? collections.map((name: unknown) => [name, undefined] as const)
    : Object.entries(collections);
  const right = entries.every(
    ([name, secret]) =>
      typeof name === 'string' && (secret === undefined || typeof secret === 'string'),
  );
  // Each entry was just seen to be of this type.
  return right && entries.length > 0
    ? (Object.fromEntries(entries) as ConsumerConfig['collections'])
    : undefined;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export interface SecretName {
  readonly project: string;
  /** Of a regional secret. */
  readonly location?: string;
  readonly secret: string;
  /** `latest`: the newest enabled version and the one before it. A number: that version alone. */
  readonly version: string;
}

const pattern =
  /^projects\/(?<project>[a-z0-9][a-z0-9.:-]{0,62})(?:\/locations\/(?<location>[a-z0-9-]+))?\/secrets\/(?<secret>[A-Za-z0-9_-]{1,255})\/versions\/(?<version>latest|[1-9]\d{0,8})$/;

function parseSecretName(text: string): SecretName | undefined {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { project = '', location, secret = '', version = '' } = groups;
  return { project, secret, version, ...(location !== undefined && { location }) };
}

/** @param given the secret's id where it is not that of the collection's default consumer with the name behind it */
function consumerName(base: SecretName, consumer: string, given: string | undefined): SecretName {
  return { ...base, secret: given ?? `${base.secret}_${consumer}`, version: 'latest' };
}
