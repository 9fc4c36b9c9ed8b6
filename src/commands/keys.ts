/** `hospital-api keys`: makes, rotates, lists and revokes the keys of a scheme, and never shows one. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { Argument, Option } from 'commander';
import { type Config, readConfig } from '../config/config.js';
import { readContract } from '../contract/contract.js';
import { holdersOf, secretIdsOfCollections } from '../security/holders.js';
import { createFileVersions } from '../security/secrets/file-source.js';
import {
  fullNames,
  type KeyVersion,
  type KeyVersions,
  SecretError,
} from '../security/secrets/secret-source.js';
import { CommandError, endOnError } from './command-errors.js';
import { createCommand } from './create-command.js';

type KeyAction = 'generate' | 'rotate' | 'list' | 'revoke';

interface KeyOptions {
  readonly consumer: string;
  readonly source?: 'google' | 'files';
  /** Writes without asking. */
  readonly yes: boolean;
  /** The service's log, to tell when a key was last used. */
  readonly log?: string;
}

interface KeysCommand extends KeyOptions {
  readonly action: KeyAction;
  readonly scheme: string;
}

const help = `
The secret is the one that the service would read by the same settings. \`rotate\` leaves the key before valid,
\`revoke\` ends it; docs/rotation.md tells the whole way.

Examples:
  $ hospital-api keys generate patients
  $ hospital-api keys rotate patients --consumer research
  $ hospital-api keys list patients --log service.log
  $ hospital-api keys revoke patients --yes

Exit status: 0 done, 1 could not go on, 78 configuration.
`;

export const command = createCommand('keys')
  .addArgument(new Argument('<action>').choices(['generate', 'rotate', 'list', 'revoke']))
  .argument('<scheme>', 'the security scheme of the contract, such as patients')
  .option('--consumer <name>', 'one of CONSUMERS', 'default')
  .addOption(new Option('--source <kind>', 'where the keys are').choices(['google', 'files']))
  .option('--log <file>', 'the service’s log, to tell when a key was last used; - is stdin')
  .option('--yes', 'write without asking', false)
  .addHelpText('after', help)
  .action((action: KeyAction, scheme: string, options: KeyOptions) =>
    changeKeys({ action, scheme, ...options }),
  );

async function changeKeys(command: KeysCommand): Promise<void> {
  await endOnError(async () => {
    const secret = await openKeyVersions(command);
    try {
      const uses = command.log === undefined ? undefined : await usesOf(command, command.log);
      await actions[command.action]({ command, secret, uses, versions: await secret.list() });
    } catch (error) {
      throw error instanceof SecretError ? new CommandError(error.message) : error;
    } finally {
      await secret.close();
    }
  });
}

interface Work {
  readonly command: KeysCommand;
  readonly secret: KeyVersions;
  /** Newest first. */
  readonly versions: readonly KeyVersion[];
  readonly uses: readonly LoggedUse[] | undefined;
}

const actions: Readonly<Record<KeyAction, (work: Work) => Promise<void>>> = {
  generate: async ({ command, secret, versions }) => {
    if (versions.some(({ state }) => state === 'enabled')) {
      throw new CommandError(`${secret.place} has a key already: rotate it`);
    }
    await confirm(command, `Make a key in ${secret.place}?`);
    say(`version ${await secret.add(newKey())} made in ${secret.place}`);
  },
  rotate: async ({ command, secret, versions, uses }) => {
    const [newest, older] = live(versions);
    if (newest === undefined) throw new CommandError(`${secret.place} has no key yet: generate it`);
    const ends =
      older === undefined
        ? ''
        : ` Version ${older.version} (last used: ${lastUseOf(older, uses, Date.now())}) ends at once.`;
    await confirm(command, `Add a version to ${secret.place}?${ends}`);
    const added = await secret.add(newKey());
    const old = added === 'current' ? 'previous' : newest.version;
    say(`version ${added} added to ${secret.place}; the service takes it within seconds`);
    say(
      `version ${old} stays valid: move the clients, then run: npm run keys -- ${revokeOf(command)}`,
    );
    say(`it may go once no client uses it; last used: ${lastUseOf(newest, uses, Date.now())}`);
  },
  list: async ({ command, secret, versions, uses }) => {
    say(`${command.scheme}, consumer ${command.consumer}, in ${secret.place}`);
    say(reportOf({ versions, uses, nowMs: Date.now() }));
    return Promise.resolve();
  },
  revoke: async ({ command, secret, versions, uses }) => {
    const [, older] = live(versions);
    if (older === undefined) {
      throw new CommandError(`${secret.place} has no older key that is still valid`);
    }
    const lastUse = lastUseOf(older, uses, Date.now());
    await confirm(command, `Disable version ${older.version}? Last used: ${lastUse}.`);
    await secret.disable(older.version);
    say(
      `version ${older.version} of ${secret.place} is disabled; the service refuses it within its refresh interval`,
    );
  },
};

/** The versions that the service takes: the newest enabled one, and the one before it if that is enabled. */
function live(versions: readonly KeyVersion[]): readonly KeyVersion[] {
  const newest = versions.findIndex(({ state }) => state === 'enabled');
  if (newest === -1) return [];
  return versions.slice(newest, newest + 2).filter(({ state }) => state === 'enabled');
}

async function usesOf({ scheme, consumer }: KeysCommand, file: string) {
  const uses = await readLoggedUses(file);
  return uses.filter((use) => use.scheme === scheme && use.consumer === consumer);
}

function revokeOf({ scheme, consumer, source }: KeysCommand): string {
  return [
    `revoke ${scheme}`,
    ...(consumer === 'default' ? [] : [`--consumer ${consumer}`]),
    ...(source === undefined ? [] : [`--source ${source}`]),
  ].join(' ');
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

async function confirm({ yes }: KeysCommand, question: string): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new CommandError(`${question} Nobody can answer here: add --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new CommandError('nothing was changed');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function openKeyVersions({ scheme, consumer, source }: KeysCommand): Promise<KeyVersions> {
  const contract = readContract();
  const config = await readConfig({
    env: process.env,
    folder: process.cwd(),
    collectionNames: contract.collections.map(({ name }) => name),
    secretIds: secretIdsOfCollections(contract),
    keysNeeded: false,
  });
  const holders = holdersOf(contract, config.keyRing);
  const holder = holders.find((known) => known.scheme === scheme && known.consumer === consumer);
  if (holder === undefined) {
    const known = holders.map((one) => `${one.scheme} (${one.consumer})`).join(', ');
    throw new CommandError(
      `there is no scheme ${scheme} with a consumer ${consumer}; there are ${known}`,
    );
  }
  return versionsOf(config, holder.secretId, source);
}

async function versionsOf(
  { keys }: Config,
  secretId: string,
  source: KeysCommand['source'],
): Promise<KeyVersions> {
  if (keys.kind !== 'google') {
    if (source !== 'google') return createFileVersions(keys.folder, secretId);
    throw new CommandError('--source google needs SECRET_MANAGER_PROJECT or a *_SECRET_ID setting');
  }
  if (source === 'files') throw new CommandError('--source files needs API_KEYS_DIR');
  const name = fullNames(keys, [secretId]).get(secretId);
  if (name === undefined) throw new Error(`no full name for the secret ${secretId}`);
  const { createGoogleVersions } = await import('../security/secrets/google-source.js');
  return createGoogleVersions(name, keys.emulator);
}

interface KeyReportFacts {
  readonly versions: readonly KeyVersion[];
  /** Of this scheme and consumer; nothing where no log was given. */
  readonly uses: readonly LoggedUse[] | undefined;
  readonly nowMs: number;
}

function reportOf({ versions, uses, nowMs }: KeyReportFacts): string {
  const rows = versions.map((version) => [
    version.version,
    version.state,
    ageOf(nowMs - version.createdMs),
    lastUseOf(version, uses, nowMs),
  ]);
  const table = [['version', 'state', 'age', 'last used'], ...rows];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `3 h ago`, `not since it was made`, or that no log was given. */
function lastUseOf(
  { version, createdMs }: KeyVersion,
  uses: readonly LoggedUse[] | undefined,
  nowMs: number,
): string {
  if (uses === undefined) return 'unknown without --log';
  const times = uses
    .filter(({ keyVersion }) => keyVersion === version)
    .map(({ lastUsed }) => Date.parse(lastUsed))
    // A file's `previous` was another key before.
    .filter((time) => time >= createdMs);
  return times.length === 0 ? 'not in this log' : `${ageOf(nowMs - Math.max(...times))} ago`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

function ageOf(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms >= size) ?? (['s', 1000] as const);
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}

interface LoggedUse {
  readonly scheme: string;
  readonly consumer: string;
  readonly keyVersion: string;
  readonly lastUsed: string;
}

/** @param file lines as the service writes them, or what `gcloud logging read --format=json` prints; `-` is stdin */
async function readLoggedUses(file: string): Promise<readonly LoggedUse[]> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  return entriesOf(content).map(payloadOf).filter(isUse);
}

function entriesOf(content: string): readonly unknown[] {
  const whole = parsed(content);
  return Array.isArray(whole) ? whole : content.split('\n').map(parsed);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    // Lines of other programs stand between those of the service.
    return undefined;
  }
}

function payloadOf(entry: unknown): unknown {
  const wrapped = typeof entry === 'object' && entry !== null && 'jsonPayload' in entry;
  return wrapped ? entry.jsonPayload : entry;
}

function isUse(entry: unknown): entry is LoggedUse {
  if (typeof entry !== 'object' || entry === null) return false;
  const { message, scheme, consumer, keyVersion, lastUsed } = entry as Record<string, unknown>;
  const texts = [scheme, consumer, keyVersion, lastUsed];
  return message === 'key in use' && texts.every((fact) => typeof fact === 'string');
}
