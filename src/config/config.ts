/** The configuration: one frozen object made of all sources, or every error at once. */
import type { LogLevel } from '../log.js';
import { type DatabaseConfig, databaseOf } from './database.js';
import { type KeyRingConfig, keyRingOf, type KeysConfig, keysOf } from './keys.js';
import { type ProducerConfig, producerOf } from './producer.js';
import { type AuditConfig, auditOf, type TelemetryConfig, telemetryOf } from './recording.js';
import type { Setting } from './setting.js';
import { settings, type Values } from './settings.js';
import { readSources, type RawEnv } from './sources.js';
import { type TransportConfig, transportOf } from './transport.js';

export type { KeyRingConfig, KeysConfig } from './keys.js';
export type { SecretName } from './keys.js';
export type { AuditConfig } from './recording.js';
export type { TransportConfig } from './transport.js';

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Processes that answer requests. */
  readonly workers: number;
  readonly logLevel: LogLevel;
  readonly database: DatabaseConfig;
  readonly audit: AuditConfig;
  readonly keys: KeysConfig;
  readonly keyRing: KeyRingConfig;
  readonly transport: TransportConfig;
  readonly telemetry: TelemetryConfig;
  readonly producer: ProducerConfig;
  readonly demoData: boolean;
  /** Whether loaded resources are kept beside the records made of them. */
  readonly keepSource: boolean;
  readonly publicUrl: URL | undefined;
  /** Whether answers are held against the contract before they leave, a share of them, or none. */
  readonly responseCheck: 'always' | 'sample' | 'off';
  /** IANA name. */
  readonly sourceTimeZone: string;
  /** Serve these only; all of the contract's without it. */
  readonly collections: readonly string[] | undefined;
  /** What an operator should read at every start. */
  readonly warnings: readonly string[];
}

/** Each error says which setting is wrong and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly errors: readonly string[]) {
    super(errors.join('\n'));
  }
}

export interface ConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory: `.env` is read from it, `.local` is kept in it. */
  readonly folder: string;
  /** What the contract publishes. */
  readonly collectionNames: readonly string[];
  /** The secret of each collection, as the contract names it; left out where no key is read. */
  readonly secretIds?: Readonly<Record<string, string>>;
  /** Commands beside the service need no API keys. */
  readonly keysNeeded: boolean;
  /** The producer needs no database. */
  readonly storeNeeded?: boolean;
}

/**
 * Environment first, then `.env`, then the YAML file that `CONFIG_FILE` names.
 * @throws ConfigError with all errors
 */
export async function readConfig(options: ConfigOptions): Promise<Config> {
  const errors: string[] = [];
  const { texts, removed } = await readSources(options, errors);
  const values = parseValues(texts, errors);
  const unknown = values.COLLECTIONS?.filter((name) => !options.collectionNames.includes(name));
  if (unknown !== undefined && unknown.length > 0) {
    const known = options.collectionNames.join(', ');
    errors.push(`COLLECTIONS names ${unknown.join(', ')}; the contract has ${known}`);
  }
  const config = configOf({ values, texts, options, errors, warnings: removed });
  if (errors.length > 0) throw new ConfigError(errors);
  return Object.freeze(config);
}

function parseValues(texts: RawEnv, errors: string[]): Values {
  const entries = Object.entries<Setting<unknown>>(settings).map(([name, setting]) => {
    const text = texts[name];
    // An empty variable is how shells and manifests unset one.
    if (text === undefined || text === '') return [name, setting.default];
    const value = setting.parse(text);
    if (value === undefined) errors.push(`${name} must be ${setting.wanted}`);
    return [name, value ?? setting.default];
  });
  // Each value was parsed by the setting of its own name.
  return Object.fromEntries(entries) as Values;
}

interface Read {
  readonly values: Values;
  readonly texts: RawEnv;
  readonly options: ConfigOptions;
  readonly errors: string[];
  readonly warnings: readonly string[];
}

function configOf({ values, texts, options, errors, warnings: before }: Read): Config {
  const { folder, keysNeeded, secretIds = {}, storeNeeded = true } = options;
  const production = values.NODE_ENV === 'production';
  const host = values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1');
  const warnings = [...before];
  const context = { production, folder, errors, warnings };
  const served = Object.fromEntries(
    Object.entries(secretIds).filter(([name]) => values.COLLECTIONS?.includes(name) ?? true),
  );
  const storeContext = storeNeeded ? context : { ...context, errors: [], warnings: [] };
  const keyContext = { ...context, host, keysNeeded, secretIds: served, texts };
  return {
    production,
    host,
    port: values.PORT,
    workers: values.WEB_CONCURRENCY,
    logLevel: values.LOG_LEVEL,
    database: databaseOf(values, storeContext),
    audit: auditOf(values, storeContext),
    keys: keysOf(values, keyContext),
    keyRing: keyRingOf(values, keyContext),
    transport: transportOf(values, context),
    telemetry: telemetryOf(values),
    producer: producerOf(values, { production, folder, secretIds: served, texts }),
    keepSource: values.KEEP_SOURCE,
    demoData: values.DEMO_DATA && values.DATABASE_URL === undefined,
    publicUrl: values.PUBLIC_URL,
    responseCheck: values.RESPONSE_CHECK ?? (production ? 'off' : 'always'),
    sourceTimeZone: values.SOURCE_TIME_ZONE,
    collections: values.COLLECTIONS,
    warnings,
  };
}
