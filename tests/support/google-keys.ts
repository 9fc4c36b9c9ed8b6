/** The real service with its keys in a local Secret Manager. */
import type { Config } from '../../src/config/config.js';
import type { Contract } from '../../src/contract/contract.js';
import { type SecretManager, startSecretManager } from './secret-manager/server.js';
import { type TestService, keyRing, keys, knownKeys, startService } from './service.js';

export const project = 'hospital';
export const nameOf = (secretId: string) => `projects/${project}/secrets/${secretId}`;

export interface GoogleService extends TestService {
  readonly manager: SecretManager;
  /** Adds a version to a secret, which is made where it is missing; answers the version's name. */
  add(secretId: string, key: string): string;
  /** The status of the answer to a key. */
  statusOf(path: string, key: string): Promise<number>;
}

interface GoogleOptions {
  readonly rules?: Partial<Config['keyRing']>;
  readonly config?: Partial<Config>;
  readonly contract?: Contract;
  readonly now?: () => number;
  /** What is wrong with the server from the start. */
  readonly provoke?: (manager: SecretManager) => void;
  /** Keys of each secret at the start, oldest first. */
  readonly secrets?: Readonly<Record<string, readonly string[]>>;
}

/** Each collection's key of `keys` is version 1 of its secret. */
export async function startGoogleService(options: GoogleOptions = {}): Promise<GoogleService> {
  const manager = await startSecretManager();
  const add = (secretId: string, key: string) => addKey(manager, secretId, key);
  for (const [name, key] of Object.entries(keys)) add(`${name}_api_key`, key);
  for (const [secretId, list] of Object.entries(options.secrets ?? {})) {
    for (const key of list) add(secretId, key);
  }
  options.provoke?.(manager);
  const { rules, config, secrets: _, provoke: __, ...rest } = options;
  const service = await startService({
    ...rest,
    config: {
      keys: googleKeys(manager.host),
      keyRing: { ...keyRing, ...rules },
      ...config,
    },
  });
  return {
    ...service,
    manager,
    add,
    statusOf: async (path, key) => (await service.fetch(path, { key })).status,
    close: async () => {
      await service.close();
      manager.stop();
    },
  };
}

export function googleKeys(emulator: string): Config['keys'] {
  return { kind: 'google', names: {}, project, emulator };
}

export function addKey({ secrets }: SecretManager, secretId: string, key: string): string {
  const name = nameOf(secretId);
  if (key.length >= 16) knownKeys.add(key);
  if (!secrets.has(name)) secrets.create(name);
  return secrets.add(name, Buffer.from(key, 'latin1'));
}
