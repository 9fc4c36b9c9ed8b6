/** What every way of running the producer needs, and what its settings have to name. */
import type { KeySource } from '@hospital-streaming-api/client';
import { type Config, ConfigError, readConfig } from '../config/config.js';
import { type Contract, readContract } from '../contract/contract.js';
import type { ProduceOptions } from '../producer/produce.js';
import { ProducerError, type ProducerErrorKind } from '../producer/producer-error.js';
import type { TopicsOptions } from '../producer/topics.js';
import { secretIdsOfCollections } from '../security/holders.js';
import { createFileSource } from '../security/secrets/file-source.js';
import { fullNames, type SecretSource } from '../security/secrets/secret-source.js';
import { endOnError } from './command-errors.js';

export type Parts = Pick<ProduceOptions, 'client' | 'signal' | 'giveUpAfterSeconds' | 'onWait'> & {
  readonly config: Config;
  readonly contract: Contract;
};

export async function readProducerConfig() {
  const whole = readContract();
  const config = await readConfig({
    env: process.env,
    folder: process.cwd(),
    collectionNames: whole.collections.map(({ name }) => name),
    secretIds: secretIdsOfCollections(whole),
    keysNeeded: false,
    storeNeeded: false,
  });
  for (const warning of config.warnings) process.stderr.write(`${warning}\n`);
  return { config, contract: readContract(config.collections) };
}

export function checkpointOf({ producer }: Config): string {
  if (producer.checkpoint !== undefined) return producer.checkpoint;
  throw new ConfigError([
    'CHECKPOINT must be set in production: the path of a file that stays, or gs://bucket/object',
  ]);
}

export function topicsOptions({ producer }: Config): TopicsOptions {
  const { project, topic } = producer;
  if (project !== undefined) return { project, topic };
  throw new ConfigError(['PUBSUB_PROJECT must name the project of the topics']);
}

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
      throw new Error(
        `every version of ${secretId} is disabled: ${source.remedy?.(secretId) ?? ''}`,
      );
    },
    close: async () => source.close?.(),
  };
}

async function openSource({ keys }: Config, secretIds: readonly string[]): Promise<SecretSource> {
  if (keys.kind !== 'google') return createFileSource(keys.folder);
  const { createGoogleSource } = await import('../security/secrets/google-source.js');
  return createGoogleSource({ names: fullNames(keys, secretIds), emulator: keys.emulator });
}

/** @see https://man7.org/linux/man-pages/man3/sysexits.h.3head.html */
const statuses: Readonly<Record<ProducerErrorKind, number>> = {
  data: 65,
  unavailable: 69,
  unwritable: 73,
  busy: 75,
  permission: 77,
  configuration: 78,
};

export async function endOnProducerError(work: () => Promise<void>): Promise<void> {
  await endOnError(async () => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProducerError)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exit(statuses[error.kind]);
    }
  });
}
