/** The command line of `hospital-api produce`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { ProduceCommand } from './produce.js';

export function addProduce(program: Command): void {
  program
    .command('produce')
    .description('publish the feeds to Pub/Sub, and go on with what changes')
    .option('--once', 'end when every feed is exhausted', false)
    .option('--from-start', 'publish everything anew, whatever the checkpoint says', false)
    .option('--dry-run', 'print the messages and publish nothing: health data', false)
    .option('--status', 'say how far each collection is and publish nothing', false)
    .option('--quiet', 'no progress', false)
    .option('--unless-running', 'end well when another one works: for schedulers', false)
    .option('--give-up-after <seconds>', 'end when the service or Pub/Sub is away so long', seconds)
    .addHelpText('after', examples)
    .action(async (options: ProduceCommand) => {
      const { publishFeeds } = await import('./produce.js');
      await publishFeeds(options);
    });
}

function seconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Give a whole number of seconds.');
  return Number(text);
}

const examples = `
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
