/** Opens the key ring of a contract's schemes on the source that the configuration names. */
import { join } from 'node:path';
import type { KeysConfig } from '../config.js';
import type { Contract } from '../contract/contract.js';
import type { Log } from '../log.js';
import { createFileSource } from './file-source.js';
import { type KeyRing, createKeyRing } from './key-ring.js';
import { makeLocalKeys } from './local-keys.js';
import type { SecretSource } from './secret-source.js';

export interface KeysOptions {
  readonly config: KeysConfig;
  readonly contract: Contract;
  readonly log: Log;
  /** In place of the source that the configuration names. */
  readonly secretSource?: SecretSource;
  readonly now: () => number;
}

/** A key that the service cannot do without is not there. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
}

/** @throws KeysError when a folder has no key for a scheme */
export async function openKeys(options: KeysOptions): Promise<KeyRing> {
  const { config, contract, log, secretSource, now } = options;
  const secretIds = secretIdsOf(contract);
  if (secretSource === undefined && config.kind === 'local') {
    await makeLocalKeys(config.folder, [...secretIds.values()]);
  }
  const source = secretSource ?? createFileSource(config.folder);
  const ring = await createKeyRing({ source, secretIds, log, now });
  const missing = ring.missing();
  if (secretSource === undefined && missing.length > 0) {
    ring.close();
    const files = missing.map((scheme) => join(config.folder, secretIds.get(scheme) ?? scheme));
    throw new KeysError(
      `no key in ${files.join(', ')}: write one into each, readable to the service`,
    );
  }
  return ring;
}

/** Each apiKey scheme's `x-secret-id`, the scheme's own name where the contract gives none. */
export function secretIdsOf({ document }: Contract): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(document.components.securitySchemes)
      .filter(([, { type }]) => type === 'apiKey')
      .map(([scheme, { 'x-secret-id': secretId }]) => [scheme, secretId ?? scheme]),
  );
}
