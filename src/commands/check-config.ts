/** `serve --check-config`: the settings as they count, where each comes from, and every fault; nothing is started. */
import { type Config, ConfigError, type ConfigOptions, readConfig } from '../config/config.js';
import type { Setting } from '../config/setting.js';
import { settings } from '../config/settings.js';
import { type ConfigSources, isOfSecret, readSources } from '../config/sources.js';
import { type Contract, readContract } from '../contract/contract.js';
import { secretIdsOfCollections } from '../security/holders.js';

/** @throws ConfigError with all faults, once the settings are shown */
export async function checkConfig(): Promise<void> {
  const options = serviceConfigOptions(readContract());
  const sources = await readSources(options, []);
  const config = await readConfig(options).catch((error: unknown) => {
    if (error instanceof ConfigError) return error;
    throw error;
  });
  const rows = rowsOf(sources, config instanceof ConfigError ? undefined : config);
  const width = Math.max(...rows.map(([setting]) => setting.length).filter((one) => one < 60));
  const lines = rows.map(([setting, origin]) => `${setting.padEnd(width)}  # ${origin}\n`);
  process.stdout.write(lines.join(''));
  if (config instanceof ConfigError) throw config;
  for (const warning of config.warnings) process.stdout.write(`# warning: ${warning}\n`);
}

type Row = readonly [setting: string, origin: string];

function rowsOf({ texts, origins }: ConfigSources, config: Config | undefined): readonly Row[] {
  const known = Object.entries<Setting<unknown>>(settings).map(([name, setting]): Row => {
    const text = texts[name] ?? '';
    if (text !== '') return [`${name}=${masked(text, setting)}`, origins[name] ?? ''];
    const implied = config && implications[name]?.(config);
    if (implied !== undefined) return [`${name}=${implied}`, 'by the other settings'];
    return [`${name}=${textOf(setting.default)}`, 'default'];
  });
  const ofSecrets = Object.keys(texts).filter(
    (name) => isOfSecret(name) && (texts[name] ?? '') !== '',
  );
  return [
    ...known,
    ...ofSecrets.map((name): Row => {
      const shown = name.endsWith('_SECRET_ID') ? (texts[name] ?? '') : hidden;
      return [`${name}=${shown}`, origins[name] ?? ''];
    }),
  ];
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const hidden = '***';

/** Passwords stand in URLs, as their user’s or as a parameter. */
function masked(text: string, setting: Setting<unknown>): string {
  if (setting.secret === true) return hidden;
  return text
    .replaceAll(/(\/\/[^/@\s]*?:)[^/@\s]*(?=@)/g, `$1${hidden}`)
    .replaceAll(/([?&](?:password|sslpassword|key|token)=)[^&\s]*/gi, `$1${hidden}`);
}

/** What a setting without a value of its own comes to. */
const implications: Readonly<Record<string, (config: Config) => string | undefined>> = {
  HOST: ({ host }) => host,
  RESPONSE_CHECK: ({ responseCheck }) => responseCheck,
  RATE_LIMIT: ({ transport: { rateLimit } }) =>
    typeof rateLimit === 'string' ? rateLimit : undefined,
  CHECKPOINT: ({ producer }) => producer.checkpoint,
  DEMO_DATA: ({ demoData }) => String(demoData),
  API_KEYS_DIR: ({ keys }) => (keys.kind === 'local' ? keys.folder : undefined),
};

export function serviceConfigOptions(contract: Contract): ConfigOptions {
  return {
    env: process.env,
    folder: process.cwd(),
    collectionNames: contract.collections.map(({ name }) => name),
    secretIds: secretIdsOfCollections(contract),
    keysNeeded: true,
  };
}
