/** `hospital-api revalidate`: brings stored records to the present contract. */
import { readContract } from '../contract/contract.js';
import { revalidate } from '../ingest/revalidate.js';
import { readCommandConfig, withStore } from './command-store.js';
import { untilSignal } from './signals.js';
import { endOnFault } from './command-errors.js';

const someLeft = 2;
const progressMs = 5_000;

export async function revalidateStored(): Promise<void> {
  const note = 'what was done stays; run it again to go on';
  await endOnFault(() =>
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
            say(`cannot be brought along: ${collection} ${id} ${pointer} ${rule}`);
          },
        });
        say(
          `${fitting} fit as they were, ${changed} changed, ${misfits} could not be brought along`,
        );
        const left = await store.waitingRecords();
        process.exitCode = left.length === 0 ? 0 : someLeft;
      });
    }),
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function everySoOften(tell: (collection: string, done: number) => void) {
  let told = performance.now();
  let done = 0;
  return (collection: string, records: number) => {
    done += records;
    if (performance.now() - told < progressMs) return;
    told = performance.now();
    tell(collection, done);
  };
}
