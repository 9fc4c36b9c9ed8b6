/** The key with which the producer reads each collection: from the environment, a folder of files, or Secret Manager. */
import type { KeySource } from '@hospital-streaming-api/client';
import type { Config } from '../config.js';
import type { Contract } from '../contract/contract.js';
import { createFileSource } from '../security/file-source.js';
import { secretIdsOfCollections } from '../security/holders.js';
import { fullNames } from '../security/secret-name.js';
import type { SecretSource } from '../security/secret-source.js';

export interface ProducerKeys {
  readonly key: KeySource;
  close(): Promise<void>;
}

export async function openProducerKeys(config: Config, contract: Contract): Promise<ProducerKeys> {
  const secretIds = secretIdsOfCollections(contract);
  const source = await openSource(config, Object.values(secretIds));
  return {
    key: async (collection) => {
      const secretId = secretIds[collection] ?? collection;
      const inEnvironment = config.producer.keys[secretId];
      if (inEnvironment !== undefined) return inEnvironment;
      const [newest] = await source.read(secretId);
      if (newest !== undefined) return newest.value;
      throw new Error(`every version of ${secretId} is disabled: ${source.mend?.(secretId) ?? ''}`);
    },
    close: async () => source.close?.(),
  };
}

async function openSource({ keys }: Config, secretIds: readonly string[]): Promise<SecretSource> {
  if (keys.kind !== 'google') return createFileSource(keys.folder);
  const { createGoogleSource } = await import('../security/google-source.js');
  return createGoogleSource({ names: fullNames(keys, secretIds), emulator: keys.emulator });
}
