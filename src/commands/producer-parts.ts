/** What every way of running the producer needs, and what its settings have to name. */
import { type Config, ConfigError } from '../config.js';
import type { Contract } from '../contract/contract.js';
import type { ProduceOptions } from '../producer/produce.js';
import type { TopicsOptions } from '../producer/topics.js';

export type Parts = Pick<ProduceOptions, 'client' | 'signal' | 'giveUpAfterSeconds' | 'onWait'> & {
  readonly config: Config;
  readonly contract: Contract;
};

export function checkpointOf({ producer }: Config): string {
  if (producer.checkpoint !== undefined) return producer.checkpoint;
  throw new ConfigError([
    'CHECKPOINT must be set in production: the path of a file that stays, or gs://bucket/object',
  ]);
}

export function topicsOptions({ producer }: Config): TopicsOptions {
  const { project } = producer;
  if (project !== undefined) return { ...producer, project };
  throw new ConfigError(['PUBSUB_PROJECT must name the project of the topics']);
}
