/** `hospital-api reconcile`: compares feeds with their tables in BigQuery, and repairs them when asked to. */
import { createHospitalClient } from '@hospital-streaming-api/client';
import { InvalidArgumentError } from 'commander';
import type { CollectionName } from '../contract/collections.js';
import { type Topics, openTopics } from '../producer/topics.js';
import { openBigQuery } from '../warehouse/sql-warehouse.js';
import { createFeed } from '../warehouse/feed.js';
import { type Findings, type Repair, reconcile, repair } from '../warehouse/reconcile.js';
import { tablesOf } from '../warehouse/table.js';
import { CommandError } from './command-errors.js';
import { createCommand } from './create-command.js';
import {
  endOnProducerError,
  openProducerKeys,
  readProducerConfig,
  topicsOptions,
} from './producer-parts.js';

interface ReconcileOptions {
  /** `project.dataset`. */
  readonly dataset: string;
  readonly location?: string;
  readonly repair: boolean;
  readonly since?: string;
  /** Minutes. */
  readonly olderThan: number;
}

const differences = 2;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/i;

const help = `
Settings are those of \`produce\`: SERVICE_URL, the keys, and for --repair PUBSUB_PROJECT and PUBSUB_TOPIC. It needs
roles/bigquery.dataViewer on the dataset, roles/bigquery.jobUser, and the right to read the columns with policy tags.

Examples:
  $ hospital-api reconcile --dataset hospital-prod.hospital
  $ hospital-api reconcile --dataset hospital-prod.hospital --since 2026-01-01T00:00:00Z --repair

Exit status: 0 feed and tables are equal, 1 could not go on, 2 they differ, 78 configuration.
`;

export const command = createCommand('reconcile')
  .requiredOption('--dataset <project.dataset>', 'where the tables are')
  .option('--location <region>', 'of the dataset, such as us-central1')
  .option('--since <time>', 'only what changed at this time or later, RFC 3339')
  .option(
    '--older-than <minutes>',
    'only what changed before: a table shows changes late, by max_staleness',
    minutes,
    30,
  )
  .option('--repair', 'publish missing and stale records again, and the deletion of orphans', false)
  .addHelpText('after', help)
  .action(reconcileFeeds);

async function reconcileFeeds(options: ReconcileOptions): Promise<void> {
  await endOnProducerError(async () => {
    const [projectId, dataset, ...others] = options.dataset.split('.');
    if (!projectId || !dataset || others.length > 0) {
      throw new CommandError('--dataset is to be project.dataset, such as hospital-prod.hospital');
    }
    const { config, contract } = await readProducerConfig();
    const keys = await openProducerKeys(config, contract);
    const client = createHospitalClient({ url: config.producer.serviceUrl, key: keys.key });
    const tables = tablesOf(contract.collections);
    const { location } = options;
    const warehouse = await openBigQuery({ projectId, dataset, location, tables });
    try {
      for (const { name, idField } of contract.collections) {
        const feed = createFeed(client, name, idField);
        const found = await reconcile({ feed, warehouse, window: windowOf(options) });
        tell(name, found);
        if (found.findings.length === 0) continue;
        process.exitCode = differences;
        if (!options.repair) continue;
        const topics = await openTopics(topicsOptions(config));
        const version = contract.document.info.version;
        const published = await publishAnew({ feed, warehouse, found, topics, version });
        process.stdout.write(
          `${name}: ${published} published anew; compare again when they arrived\n`,
        );
      }
    } finally {
      await warehouse.close();
      await keys.close();
    }
  });
}

interface PublishAnew extends Omit<Repair, 'publish'> {
  readonly topics: Topics;
  readonly version: string;
}

async function publishAnew({ topics, version, ...parts }: PublishAnew): Promise<number> {
  const { collection } = parts.feed;
  const publish = (messages: readonly string[]) =>
    topics.publish(
      collection,
      messages.map((text) => ({ data: Buffer.from(text) })),
      { collection, contract_version: version },
    );
  try {
    return await repair({ ...parts, publish });
  } finally {
    await topics.close();
  }
}

/** Ids name nobody by themselves, but they are identifiers: they go to standard output alone. */
function tell(name: CollectionName, { findings, records, moving }: Findings): void {
  for (const { kind, id } of findings) process.stdout.write(`${name}: ${kind} ${id}\n`);
  const onTheWay = moving === 0 ? '' : `, ${moving} changed meanwhile`;
  process.stdout.write(
    `${name}: ${records} records compared, ${findings.length} differ${onTheWay}\n`,
  );
}

function windowOf({ since, olderThan }: ReconcileOptions) {
  if (since !== undefined && !(rfc3339.test(since) && Date.parse(since) > 0)) {
    throw new CommandError(
      '--since is to be a time as RFC 3339 has it, such as 2026-01-01T00:00:00Z',
    );
  }
  const from = since === undefined ? 0 : microsecondsOf(since);
  const to = olderThan === 0 ? undefined : (Date.now() - olderThan * 60_000) * 1000;
  if (to !== undefined && to <= from) {
    throw new CommandError('--since is to be earlier than the time of --older-than');
  }
  return { from, to };
}

/** JavaScript's own times end at the millisecond. */
function microsecondsOf(time: string): number {
  const rest = /\.\d{3}(\d{1,3})/.exec(time)?.[1] ?? '';
  return Date.parse(time) * 1000 + Number(rest.padEnd(3, '0'));
}

function minutes(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number of minutes.');
}
