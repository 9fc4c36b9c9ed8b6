/** Finds the secret that a scheme and consumer have by the configuration, and opens its versions. */
import { type Config, readConfig } from '../config.js';
import { readContract } from '../contract/contract.js';
import { createFileVersions } from '../security/file-versions.js';
import type { KeyVersions } from '../security/key-versions.js';
import { holdersOf, secretIdsOfCollections } from '../security/holders.js';
import { fullNames } from '../security/secret-name.js';
import { CommandError } from './faults.js';

export interface KeyPlace {
  readonly scheme: string;
  readonly consumer: string;
  /** Where the configuration says, without it. */
  readonly source: 'google' | 'files' | undefined;
}

export async function openKeyVersions({
  scheme,
  consumer,
  source,
}: KeyPlace): Promise<KeyVersions> {
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
  const { createGoogleVersions } = await import('../security/google-versions.js');
  return createGoogleVersions(name, keys.emulator);
}
