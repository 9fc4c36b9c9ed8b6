/** `hospital-api revalidate`: migrates stored records to the present contract. */
import { readContract } from '../contract/contract.js';
import { revalidate } from '../ingest/revalidate.js';
import { endOnError } from './command-errors.js';
import { readCommandConfig, withStore } from './command-store.js';
import { createCommand } from './create-command.js';
import { untilSignal } from './signals.js';

const someLeft = 2;
const progressMs = 5_000;

const help = `
Until it is done the new version of the service is not ready, and the one before goes on serving. It may be ended and
run again at any time.

Examples:
  $ hospital-api revalidate

Exit status: 0 done, 2 some records cannot be migrated, 1 could not go on, 78 configuration, 130 or 143 ended by
a signal.
`;

export const command = createCommand('revalidate')
  .addHelpText('after', help)
  .action(revalidateStored);

async function revalidateStored(): Promise<void> {
  const note = 'what was done stays; run it again to go on';
  await endOnError(() =>
    untilSignal(note, async (signal) => {
      const config = await readCommandConfig(readContract());
      await withStore(config, async ({ store, contract }) => {
        const waiting = await store.waitingRecords();
        for (const { collection, records } of waiting) say(`${records} ${collection} to look at`);
        const { sourceTimeZone: timeZone } = config;
        const { fitting, changed, misfits } = await revalidate({
          ...{ store, contract, timeZone, signal },
          onPage: everySoOften((collection, done) => {
            process.stderr.write(`${collection}: ${done} so far\n`);
          }),
          onMisfit: ({ collection, id, pointer, rule }) => {
            say(`cannot be migrated: ${collection} ${id} ${pointer} ${rule}`);
          },
        });
        say(`${fitting} fit as they were, ${changed} changed, ${misfits} could not be migrated`);
        const left = await store.waitingRecords();
        process.exitCode = left.length === 0 ? 0 : someLeft;
      });
    }),
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function everySoOften(print: (collection: string, done: number) => void) {
  let printedAtMs = performance.now();
  let done = 0;
  return (collection: string, records: number) => {
    done += records;
    if (performance.now() - printedAtMs < progressMs) return;
    printedAtMs = performance.now();
    print(collection, done);
  };
}
