/** `hospital-api epoch`: shows the history that the feeds belong to, or begins a new one. */
import { readContract } from '../contract/contract.js';
import { timeOfPosition } from '../contract/time.js';
import { epochText } from '../operations/cursor.js';
import { readCommandConfig, withStore } from './command-store.js';
import { endOnFault } from './command-errors.js';

export type EpochAction = 'show' | 'new';

export async function epochOfFeeds(action: EpochAction): Promise<void> {
  await endOnFault(async () => {
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
