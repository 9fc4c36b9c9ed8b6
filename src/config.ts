/** The only file that reads the environment: one frozen object out of it, or every fault at once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { LogLevel } from './log.js';
import {
  type Circumstances,
  type DatabaseConfig,
  databaseOf,
  isLoopback,
} from './database-config.js';
import { type Setting, type Values, settings } from './settings.js';

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly database: DatabaseConfig;
  readonly keys: KeysConfig;
  readonly demoData: boolean;
  readonly publicUrl: URL | undefined;
  /** IANA name. */
  readonly sourceTimeZone: string;
  /** Serve these only; all of the contract's without it. */
  readonly collections: readonly string[] | undefined;
  /** What an operator should read at every start. */
  readonly warnings: readonly string[];
}

/** `local` keys are made where they are missing. */
export interface KeysConfig {
  readonly kind: 'local' | 'folder';
  readonly folder: string;
}

/** Each fault says which setting is wrong and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

interface ConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory: `.env` is read from it, `.local` is kept in it. */
  readonly folder: string;
  /** What the contract publishes. */
  readonly collectionNames: readonly string[];
  /** Commands beside the service need no API keys. */
  readonly keysNeeded: boolean;
}

/**
 * Environment first, then `.env`, then the YAML file that `CONFIG_FILE` names.
 * @throws ConfigError with all faults
 */
export async function readConfig(options: ConfigOptions): Promise<Config> {
  const faults: string[] = [];
  const texts = await readSources(options, faults);
  const values = parseValues(texts, faults);
  const unknown = values.COLLECTIONS?.filter((name) => !options.collectionNames.includes(name));
  if (unknown !== undefined && unknown.length > 0) {
    const known = options.collectionNames.join(', ');
    faults.push(`COLLECTIONS names ${unknown.join(', ')}; the contract has ${known}`);
  }
  const config = configOf(values, options, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config);
}

type Texts = Readonly<Record<string, string | undefined>>;

async function readSources({ env, folder }: ConfigOptions, faults: string[]): Promise<Texts> {
  const dotenv = parseEnv(readIfThere(join(folder, '.env')) ?? '') as Texts;
  const file = env.CONFIG_FILE ?? dotenv.CONFIG_FILE;
  const fromYaml = file === undefined ? {} : await readYaml(file, faults);
  return { ...fromYaml, ...dotenv, ...env };
}

async function readYaml(file: string, faults: string[]): Promise<Texts> {
  const text = readIfThere(file);
  if (text === undefined) {
    faults.push(`CONFIG_FILE is ${file}, which cannot be read; name a YAML file that can`);
    return {};
  }
  const { parse } = await import('yaml');
  const found: unknown = attempt((): unknown => parse(text)) ?? {};
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    faults.push(`${file} must be a YAML mapping of settings, such as PORT: 8080`);
    return {};
  }
  const entries = Object.entries(found);
  for (const [name] of entries) {
    if (name in settings) continue;
    faults.push(`${file} holds ${name}, which is no setting; there are ${settingNames()}`);
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function settingNames(): string {
  return Object.keys(settings).join(', ');
}

function readIfThere(file: string): string | undefined {
  return attempt(() => readFileSync(file, 'utf8'));
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function parseValues(texts: Texts, faults: string[]): Values {
  const entries = Object.entries<Setting<unknown>>(settings).map(([name, setting]) => {
    const text = texts[name];
    // An empty variable is how shells and manifests unset one.
    if (text === undefined || text === '') return [name, setting.default];
    const value = setting.parse(text);
    if (value === undefined) faults.push(`${name} must be ${setting.wanted}`);
    return [name, value ?? setting.default];
  });
  // Each value was parsed by the setting of its own name.
  return Object.fromEntries(entries) as Values;
}

function configOf(values: Values, options: ConfigOptions, faults: string[]): Config {
  const { folder, keysNeeded } = options;
  const production = values.NODE_ENV === 'production';
  const host = values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1');
  const warnings: string[] = [];
  const circumstances = { production, folder, faults, warnings };
  return {
    production,
    host,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    database: databaseOf(values, circumstances),
    keys: keysOf(values, { ...circumstances, host, keysNeeded }),
    demoData: values.DEMO_DATA && values.DATABASE_URL === undefined,
    publicUrl: values.PUBLIC_URL,
    sourceTimeZone: values.SOURCE_TIME_ZONE,
    collections: values.COLLECTIONS,
    warnings,
  };
}

function keysOf(
  values: Values,
  { production, folder, faults, host, keysNeeded }: Circumstances & KeyCircumstances,
): KeysConfig {
  if (values.API_KEYS_DIR !== undefined) return { kind: 'folder', folder: values.API_KEYS_DIR };
  if (keysNeeded && (production || !isLoopback(host))) {
    faults.push(
      'API_KEYS_DIR must name a folder with a file for each secret: keys are made locally only outside production and while HOST is a loopback address',
    );
  }
  return { kind: 'local', folder: join(folder, '.local', 'keys') };
}

interface KeyCircumstances {
  readonly host: string;
  readonly keysNeeded: boolean;
}
