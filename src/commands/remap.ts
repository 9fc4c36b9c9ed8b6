/** `hospital-api remap`: derives stored records again from the resources that were kept of them. */
import { readContract } from '../contract/contract.js';
import { type RemapPreview, previewRemap, remap } from '../ingest/remap.js';
import { reportText } from '../ingest/import-report.js';
import { endOnError } from './command-errors.js';
import { readCommandConfig, withStore } from './command-store.js';
import { createCommand } from './create-command.js';
import { untilSignal } from './signals.js';

interface RemapOptions {
  readonly source: string;
  readonly dryRun: boolean;
}

const help = `
Needs KEEP_SOURCE=true at the time of the load. What changes takes a new version, so that readers get it.

Examples:
  $ hospital-api remap --dry-run
  $ hospital-api remap --source lab-berlin

Exit status: 0 done, 1 could not go on, 78 configuration, 130 or 143 ended by a signal.
`;

export const command = createCommand('remap')
  .option('--source <name>', 'the sending system whose records are meant', 'ehr')
  .option('--dry-run', 'only say what would change, field by field', false)
  .addHelpText('after', help)
  .action(remapStored);

async function remapStored({ source, dryRun }: RemapOptions): Promise<void> {
  const note = 'what was done stays; run it again to go on';
  await endOnError(() =>
    untilSignal(note, async (signal) => {
      const config = await readCommandConfig(readContract());
      await withStore(config, async ({ store, contract }) => {
        const options = { store, contract, timeZone: config.sourceTimeZone, source, signal };
        process.stdout.write(previewText(await previewRemap(options)));
        if (!dryRun) process.stdout.write(reportText(await remap(options)));
      });
    }),
  );
}

/** Counts only, field by field. */
function previewText({ report, fields }: RemapPreview): string {
  return Object.entries(report.collections)
    .map(([name, { read, created, updated }]) => {
      const changes = Object.entries(fields[name as keyof typeof fields] ?? {})
        .sort(([, one], [, other]) => other - one)
        .map(([field, count]) => `  ${field}: ${count}\n`);
      return `${name}: ${updated} of ${read} would change, ${created} would be new\n${changes.join('')}`;
    })
    .join('');
}
