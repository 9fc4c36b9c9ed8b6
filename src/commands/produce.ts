/** `hospital-api produce`: publishes the feeds to Pub/Sub, shows what it would publish, or how far it is. */
import { createHospitalClient } from '@hospital-streaming-api/client';
import { readConfig } from '../config/config.js';
import { readContract } from '../contract/contract.js';
import { openBucketCheckpoints } from '../producer/bucket-checkpoints.js';
import { openFileCheckpoints } from '../producer/file-checkpoints.js';
import { createContractVersion, produce } from '../producer/produce.js';
import { type Counters, createCounters } from '../producer/metrics.js';
import { ProducerError } from '../producer/producer-error.js';
import { openTopics } from '../producer/topics.js';
import { secretIdsOfCollections } from '../security/holders.js';
import { untilSignal } from './signals.js';
import {
  type Parts,
  checkpointOf,
  endOnProducerFault,
  openProducerKeys,
  topicsOptions,
} from './producer-parts.js';
import { openLog } from './open-log.js';
import { createProduceProgress, showMessages, showStatus } from './produce-show.js';
import { explained } from './command-errors.js';

export interface ProduceCommand {
  readonly once: boolean;
  readonly fromStart: boolean;
  readonly dryRun: boolean;
  readonly status: boolean;
  readonly quiet: boolean;
  /** A run that finds another one at work has nothing to do. */
  readonly unlessRunning: boolean;
  /** How long the service or Pub/Sub may be away; 60 with `once`, for ever otherwise. */
  readonly giveUpAfter?: number;
}

const note = 'what was acknowledged is in the checkpoint; the next run goes on behind it';

export async function publishFeeds(command: ProduceCommand): Promise<void> {
  await endOnProducerFault(() =>
    untilSignal(note, async (signal) => {
      const { config, contract } = await readProducerConfig();
      const keys = await openProducerKeys(config, contract);
      const client = createHospitalClient({ url: config.producer.serviceUrl, key: keys.key });
      const patience = command.giveUpAfter ?? (command.once ? 60 : undefined);
      const onWait = (line: string) => process.stderr.write(`${line}\n`);
      const parts = { config, contract, client, signal, giveUpAfterSeconds: patience, onWait };
      try {
        if (command.status) await showStatus(parts);
        else if (command.dryRun) await showMessages(parts, command.fromStart);
        else await run(command, parts);
      } finally {
        await keys.close();
      }
    }),
  );
}

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
  return { config, contract: readContract(config.collections) };
}

async function run(command: ProduceCommand, parts: Parts): Promise<void> {
  const { once, fromStart, quiet } = command;
  const { config, contract, client } = parts;
  const { producer } = config;
  const checkpoints = await openCheckpoints(command, parts);
  if (checkpoints === undefined) return;
  const metrics = createCounters(contract.collections.map(({ name }) => name));
  const telemetry = await openMetrics(parts, () => metrics.snapshot());
  const topics = await openTopics(topicsOptions(config));
  const progress = quiet
    ? undefined
    : createProduceProgress({ counters: metrics, output: process.stderr });
  try {
    await produce({
      ...parts,
      ...{ once, fromStart, checkpoints, topics, metrics },
      collections: [...contract.collections],
      service: producer.serviceUrl,
      ordering: producer.ordering,
      contractVersion: createContractVersion(client, contract.document.info.version),
    });
  } finally {
    progress?.close();
    await telemetry?.close();
    await topics.close();
    await checkpoints.close();
  }
}

/** @returns nothing where another producer has them, and that is well */
async function openCheckpoints({ unlessRunning }: ProduceCommand, { config, onWait }: Parts) {
  const place = checkpointOf(config);
  try {
    return await (place.startsWith('gs://')
      ? openBucketCheckpoints(place)
      : openFileCheckpoints(place));
  } catch (error) {
    const isBusy = error instanceof ProducerError && error.kind === 'busy';
    if (!unlessRunning || !isBusy) throw error;
    onWait(`another producer works on ${place}: nothing to do`);
    return undefined;
  }
}

/** Loaded only here: a producer that is not asked for metrics starts without OpenTelemetry. */
async function openMetrics(
  { config, contract }: Parts,
  read: () => ReturnType<Counters['snapshot']>,
) {
  const { telemetry } = config;
  if (telemetry.metrics === undefined && telemetry.collector === undefined) return undefined;
  const { openProducerMetrics } = await import('../telemetry/producer-metrics.js');
  const log = await openLog(config, contract, { output: process.stderr });
  const { version } = contract.document.info;
  try {
    return await openProducerMetrics({ config: telemetry, log, version }, read);
  } catch (error) {
    throw explained(error, config);
  }
}
