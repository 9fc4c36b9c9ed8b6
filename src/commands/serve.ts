/** `hospital-api serve`: runs the service, or with --check-config shows its settings and starts nothing. */
import { type Config, ConfigError, readConfig } from '../config/config.js';
import type { Setting } from '../config/setting.js';
import { settings } from '../config/settings.js';
import { type ConfigSources, isOfSecret, readSources } from '../config/sources.js';
import { readContract } from '../contract/contract.js';
import { endOnError } from './command-errors.js';
import { createCommand } from './create-command.js';
import { runService, serviceConfigOptions } from './run-service.js';

const help = `
Settings come from the environment, from .env, and from the YAML file that CONFIG_FILE names, in this order.

Examples:
  $ hospital-api serve                                  with a PostgreSQL of its own in .local/
  $ PORT=9000 hospital-api serve
  $ hospital-api serve --check-config                   starts nothing; secrets are masked
  $ DATABASE_URL=postgres://hospital@localhost/hospital API_KEYS_DIR=/run/secrets/api-keys hospital-api serve

Exit status: 0 ended by a signal, 1 could not go on, 78 configuration.
`;

export const command = createCommand('serve')
  .option(
    '--check-config',
    'show the settings as they count, where each comes from, and all errors',
  )
  .addHelpText('after', help)
  .action(async ({ checkConfig }: { readonly checkConfig?: true }) => {
    if (checkConfig === true) await endOnError(showConfig);
    else await runService();
  });

/** @throws ConfigError with all errors, once the settings are shown */
export async function showConfig(): Promise<void> {
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
