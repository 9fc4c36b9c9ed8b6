/** `hospital-api produce`: publishes the feeds to Pub/Sub, shows what it would publish, or how far it is. */
import { createHospitalClient } from '@hospital-streaming-api/client';
import { InvalidArgumentError } from 'commander';
import { openBucketCheckpoints } from '../producer/bucket-checkpoints.js';
import { openFileCheckpoints } from '../producer/file-checkpoints.js';
import { createContractVersion, produce } from '../producer/produce.js';
import { type Counters, createCounters } from '../producer/metrics.js';
import { ProducerError } from '../producer/producer-error.js';
import { openTopics } from '../producer/topics.js';
import { explained } from './command-errors.js';
import { createCommand } from './create-command.js';
import {
  type Parts,
  checkpointOf,
  endOnProducerError,
  openProducerKeys,
  readProducerConfig,
  topicsOptions,
} from './producer-parts.js';
import { openLog } from './open-log.js';
import { createProduceProgress, showMessages, showStatus } from './produce-show.js';
import { untilSignal } from './signals.js';

interface ProduceOptions {
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

const help = `
It reads SERVICE_URL with the key of each collection (PATIENTS_API_KEY, API_KEYS_DIR or Secret Manager), publishes to
PUBSUB_TOPIC in PUBSUB_PROJECT, and keeps in CHECKPOINT how far it is. It may be ended and run again at any time: what
was not acknowledged is published again, which does no harm. docs/pipeline.md tells the whole way to BigQuery.

Examples:
  $ hospital-api produce
  $ hospital-api produce --once --unless-running --give-up-after 300
  $ hospital-api produce --status
  $ hospital-api produce --dry-run | head -3
  $ hospital-api produce --from-start

Exit status: 0 all published (--once), 65 a record or message is refused, 69 the service or Pub/Sub is away,
73 the checkpoint cannot be written, 75 another producer works on it, 77 a key or role is missing, 78 configuration,
1 anything else, 130 or 143 ended by a signal.
`;

export const command = createCommand('produce')
  .option('--once', 'end when every feed is exhausted', false)
  .option('--from-start', 'publish everything again, whatever the checkpoint says', false)
  .option('--dry-run', 'print the messages and publish nothing: health data', false)
  .option('--status', 'say how far each collection is and publish nothing', false)
  .option('--quiet', 'no progress', false)
  .option('--unless-running', 'end well when another one works: for schedulers', false)
  .option('--give-up-after <seconds>', 'end when the service or Pub/Sub is away so long', seconds)
  .addHelpText('after', help)
  .action(publishFeeds);

const note = 'what was acknowledged is in the checkpoint; the next run goes on behind it';

async function publishFeeds(options: ProduceOptions): Promise<void> {
  await endOnProducerError(() =>
    untilSignal(note, async (signal) => {
      const { config, contract } = await readProducerConfig();
      const keys = await openProducerKeys(config, contract);
      const client = createHospitalClient({ url: config.producer.serviceUrl, key: keys.key });
      const giveUpAfterSeconds = options.giveUpAfter ?? (options.once ? 60 : undefined);
      const onWait = (line: string) => process.stderr.write(`${line}\n`);
      const parts = { config, contract, client, signal, giveUpAfterSeconds, onWait };
      try {
        if (options.status) await showStatus(parts);
        else if (options.dryRun) await showMessages(parts, options.fromStart);
        else await run(options, parts);
      } finally {
        await keys.close();
      }
    }),
  );
}

async function run(options: ProduceOptions, parts: Parts): Promise<void> {
  const { once, fromStart, quiet } = options;
  const { config, contract, client, giveUpAfterSeconds } = parts;
  const { producer } = config;
  const checkpoints = await openCheckpoints(options, parts);
  if (checkpoints === undefined) return;
  const metrics = createCounters(contract.collections.map(({ name }) => name));
  const telemetry = await openMetrics(parts, () => metrics.snapshot());
  const topics = await openTopics({ ...topicsOptions(config), giveUpAfterSeconds });
  const progress = quiet
    ? undefined
    : createProduceProgress({ counters: metrics, output: process.stderr });
  try {
    await produce({
      ...parts,
      ...{ once, fromStart, checkpoints, topics, metrics },
      collections: [...contract.collections],
      service: producer.serviceUrl,
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
async function openCheckpoints({ unlessRunning }: ProduceOptions, { config, onWait }: Parts) {
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

function seconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Give a whole number of seconds.');
  return Number(text);
}
