/** `hospital-api epoch`: shows the history that the feeds belong to, or begins a new one. */
import { Argument } from 'commander';
import { readContract } from '../contract/contract.js';
import { timeOfPosition } from '../contract/time.js';
import { epochText } from '../operations/cursor.js';
import { endOnError } from './command-errors.js';
import { readCommandConfig, withStore } from './command-store.js';
import { createCommand } from './create-command.js';

const help = `
After \`new\` every saved position is answered with 410 and every reader does a full resync: docs/feed.md tells when
that is needed. Services that are running follow at once.

Examples:
  $ hospital-api epoch show
  $ hospital-api epoch new

Exit status: 0 done, 1 could not go on, 78 configuration.
`;

export const command = createCommand('epoch')
  .addArgument(new Argument('<action>').choices(['show', 'new']))
  .addHelpText('after', help)
  .action(showEpochs);

async function showEpochs(action: 'show' | 'new'): Promise<void> {
  await endOnError(async () => {
    const config = await readCommandConfig(readContract());
    await withStore(config, async ({ store }) => {
      if (action === 'new') await store.renewEpochs();
      for (const { collection, epoch, last } of await store.feedStates()) {
        const newest = last === 0 ? 'empty' : `newest ${timeOfPosition(last)}`;
        process.stdout.write(
          `${collection}: ${epochText(epoch)}, since ${timeOfPosition(epoch)}, ${newest}\n`,
        );
      }
    });
  });
}
