/** `hospital-api keys`: makes, rotates, lists and revokes the keys of a scheme, and never shows one. */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { type Config, readConfig } from '../config/config.js';
import { readContract } from '../contract/contract.js';
import { holdersOf, secretIdsOfCollections } from '../security/holders.js';
import { createFileVersions } from '../security/secrets/file-source.js';
import {
  fullNames,
  type KeyVersion,
  type KeyVersions,
  SecretFault,
} from '../security/secrets/secret-source.js';
import { CommandError, endOnFault } from './command-errors.js';
import { lastUseOf, type LoggedUse, readLoggedUses, reportOf } from './key-report.js';

export type KeyAction = 'generate' | 'rotate' | 'list' | 'revoke';

export interface KeysCommand {
  readonly action: KeyAction;
  readonly scheme: string;
  readonly consumer: string;
  readonly source: 'google' | 'files' | undefined;
  /** Writes without asking. */
  readonly yes: boolean;
  /** The service's log, to tell when a key was last used. */
  readonly log: string | undefined;
}

export async function changeKeys(command: KeysCommand): Promise<void> {
  await endOnFault(async () => {
    const secret = await openKeyVersions(command);
    try {
      const uses = command.log === undefined ? undefined : await usesOf(command, command.log);
      await actions[command.action]({ command, secret, uses, versions: await secret.list() });
    } catch (error) {
      throw error instanceof SecretFault ? new CommandError(error.message) : error;
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

interface KeyPlace {
  readonly scheme: string;
  readonly consumer: string;
  /** Where the configuration says, without it. */
  readonly source: 'google' | 'files' | undefined;
}

async function openKeyVersions({ scheme, consumer, source }: KeyPlace): Promise<KeyVersions> {
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
  source: KeyPlace['source'],
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
