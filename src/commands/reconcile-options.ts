/** The command line of `hospital-api reconcile`. */
import { type Command, InvalidArgumentError } from 'commander';

const examples = `
Settings are those of \`produce\`: SERVICE_URL, the keys, and for --repair PUBSUB_PROJECT and PUBSUB_TOPIC. It needs
roles/bigquery.dataViewer on the dataset, roles/bigquery.jobUser, and the right to read the columns with policy tags.

Examples:
  $ hospital-api reconcile --dataset hospital-prod.hospital
  $ hospital-api reconcile --dataset hospital-prod.hospital --since 2026-01-01T00:00:00Z --repair

Exit status: 0 feed and tables are equal, 1 could not go on, 2 they differ, 78 configuration.
`;

export function addReconcile(program: Command): void {
  program
    .command('reconcile')
    .description('compare feeds with their BigQuery tables: names missing, stale and orphan rows')
    .requiredOption('--dataset <project.dataset>', 'where the tables are')
    .option('--location <region>', 'of the dataset, such as us-central1')
    .option('--since <time>', 'only what changed at this time or later, RFC 3339')
    .option(
      '--older-than <minutes>',
      'only what changed before: a table shows changes late, by max_staleness',
      minutes,
      30,
    )
    .option(
      '--repair',
      'publish missing and stale records anew, and the deletion of orphans',
      false,
    )
    .addHelpText('after', examples)
    .action(async (options: Parameters<Reconcile>[0]) => {
      const { reconcileFeeds } = await import('./reconcile.js');
      await reconcileFeeds(options);
    });
}

type Reconcile = (typeof import('./reconcile.js'))['reconcileFeeds'];

function minutes(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number of minutes.');
}
