/** Where settings are read from: the environment, then `.env`, then the YAML file that `CONFIG_FILE` names. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { settings } from './settings.js';

export type RawEnv = Readonly<Record<string, string | undefined>>;

export interface ConfigSources {
  /** The text that counts, for each name that is set. */
  readonly texts: RawEnv;
  /** Where it stands: `environment`, `.env`, or the path of the YAML file. */
  readonly origins: Readonly<Record<string, string>>;
  /** A warning for each setting of earlier versions that is still set. */
  readonly removed: readonly string[];
}

/** Settings of earlier versions, each with what holds now. They are ignored, so that an upgrade does not stop a service. */
const removedSettings: Readonly<Record<string, string>> = {
  MAX_EVENT_LOOP_DELAY_MS: 'the limit is one second',
  MAX_EXPORT_SECONDS: 'an export may take an hour',
  OTEL_METRIC_EXPORT_INTERVAL: 'metrics are sent once a minute',
  PUBSUB_DEADLINE_SECONDS: 'a request to Pub/Sub is tried for 60 seconds',
  PUBSUB_MAX_OUTSTANDING_MB: '16 MB of a topic wait for their acknowledgement at most',
  PUBSUB_ORDERING: 'messages carry no ordering key; subscribers go by _CHANGE_SEQUENCE_NUMBER',
};

interface Places {
  readonly env: RawEnv;
  /** The working directory. */
  readonly folder: string;
}

/** @param errors gets a line for each source that cannot be read, or holds what is no setting */
export async function readSources(places: Places, errors: string[]): Promise<ConfigSources> {
  const { env, folder } = places;
  const envFile = join(folder, '.env');
  const envText = readIfThere(envFile);
  if (envText === undefined && existsSync(envFile)) {
    errors.push(`${envFile} is there and cannot be read; let the service read it, or take it away`);
  }
  const dotenv = parseEnv(envText ?? '') as RawEnv;
  const file = env.CONFIG_FILE ?? dotenv.CONFIG_FILE;
  const fromYaml = file === undefined ? {} : await readYaml(file, errors);
  const texts = { ...fromYaml, ...dotenv, ...env };
  const origins = {
    ...named(fromYaml, file ?? ''),
    ...named(dotenv, '.env'),
    ...named(env, 'environment'),
  };
  return { texts, origins, removed: removedWarnings(texts, origins) };
}

function removedWarnings(texts: RawEnv, origins: Readonly<Record<string, string>>) {
  return Object.entries(removedSettings)
    .filter(([name]) => !(name in settings) && (texts[name] ?? '') !== '')
    .map(([name, now]) => `${name} (${origins[name] ?? ''}) is no setting any more: ${now}`);
}

function named(texts: RawEnv, origin: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(texts).map((name) => [name, origin]));
}

async function readYaml(file: string, errors: string[]): Promise<RawEnv> {
  const text = readIfThere(file);
  if (text === undefined) {
    errors.push(`CONFIG_FILE is ${file}, which cannot be read; name a YAML file that can`);
    return {};
  }
  const { parse } = await import('yaml');
  const parsed = attempt((): { readonly value: unknown } => ({ value: parse(text) }));
  const found: unknown = parsed === undefined ? undefined : (parsed.value ?? {});
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    errors.push(`${file} must be a YAML mapping of settings, such as PORT: 8080`);
    return {};
  }
  const entries = Object.entries(found);
  for (const [name] of entries) {
    if (name in settings || name in removedSettings || isOfSecret(name)) continue;
    errors.push(`${file} holds ${name}, which is no setting; there are ${settingNames()}`);
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)]));
}

/** Names that belong to a secret of the contract. */
export function isOfSecret(name: string): boolean {
  return /_(?:SECRET_ID|API_KEY)$/.test(name);
}

function textOf(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
    return value.map(textOf).join(',');
  }
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
