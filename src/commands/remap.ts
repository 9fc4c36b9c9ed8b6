/** `hospital-api remap`: derives stored records anew from the resources that were kept of them. */
import { readContract } from '../contract/contract.js';
import { type RemapPreview, previewRemap, remap } from '../ingest/remap.js';
import { reportText } from '../ingest/import-report.js';
import { readCommandConfig, withStore } from './command-store.js';
import { untilSignal } from './signals.js';
import { endOnFault } from './command-errors.js';

export interface RemapCommand {
  readonly source: string;
  readonly dryRun: boolean;
}

export async function remapStored({ source, dryRun }: RemapCommand): Promise<void> {
  const note = 'what was done stays; run it again to go on';
  await endOnFault(() =>
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
