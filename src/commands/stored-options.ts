/** The command lines of `hospital-api remap`, `hospital-api revalidate` and `hospital-api epoch`. */
import { Argument, type Command } from 'commander';
import type { EpochAction } from './epoch.js';

export function addStored(program: Command): void {
  program
    .command('remap')
    .description('derive stored records anew from the resources that were kept of them')
    .option('--source <name>', 'the sending system whose records are meant', 'ehr')
    .option('--dry-run', 'only say what would change, field by field', false)
    .addHelpText('after', remapExamples)
    .action(async (options: { source: string; dryRun: boolean }) => {
      const { remapStored } = await import('./remap.js');
      await remapStored(options);
    });
  program
    .command('revalidate')
    .description('bring stored records to the present contract, after it has changed')
    .addHelpText('after', revalidateExamples)
    .action(async () => {
      const { revalidateStored } = await import('./revalidate.js');
      await revalidateStored();
    });
  program
    .command('epoch')
    .description('show the history that the feeds belong to, or begin a new one after a restore')
    .addArgument(new Argument('<action>').choices(['show', 'new']))
    .addHelpText('after', epochExamples)
    .action(async (action: EpochAction) => {
      const { epochOfFeeds } = await import('./epoch.js');
      await epochOfFeeds(action);
    });
}

const remapExamples = `
Needs KEEP_SOURCE=true at the time of the load. What changes takes a new version, so that readers get it.

Examples:
  $ hospital-api remap --dry-run
  $ hospital-api remap --source lab-berlin

Exit status: 0 done, 1 could not go on, 78 configuration, 130 or 143 ended by a signal.
`;

const revalidateExamples = `
Until it is done the new version of the service is not ready, and the one before goes on serving. It may be ended and
run again at any time.

Examples:
  $ hospital-api revalidate

Exit status: 0 done, 2 some records cannot be brought along, 1 could not go on, 78 configuration, 130 or 143 ended by
a signal.
`;

const epochExamples = `
After \`new\` every saved position is answered with 410 and every reader loads afresh: docs/feed.md tells when that is
needed. Services that are running follow at once.

Examples:
  $ hospital-api epoch show
  $ hospital-api epoch new

Exit status: 0 done, 1 could not go on, 78 configuration.
`;
