/** `hospital-api import --watch FOLDER`: loads each file that is completed there, until a signal. */
import { readContract } from '../contract/contract.js';
import { isLaboratoryMissed, rejectText, reportText } from '../ingest/import-report.js';
import { createImporter } from '../ingest/importer.js';
import { fileInput } from '../ingest/read/read-input.js';
import { type Destination, watchFolder } from '../ingest/read/watch-folder.js';
import { openRejectFile } from '../ingest/reject-file.js';
import { endOnFault } from './command-errors.js';
import { readCommandConfig, withStore } from './command-store.js';
import type { ImportCommand } from './import.js';
import { untilSignal } from './signals.js';

const settleMs = 2000;

export async function watchImports(command: ImportCommand, folder: string): Promise<void> {
  const note =
    'a file that was not loaded in full is where it was, and is loaded at the next start';
  await endOnFault(() =>
    untilSignal(note, async (signal) => {
      const config = await readCommandConfig(readContract());
      await withStore(config, async ({ store, contract }) => {
        const { sourceTimeZone: timeZone, keepSource } = config;
        const importer = createImporter({ contract, store, timeZone, keepSource });
        const { source, json, keepLines, rejects: path } = command;
        const file =
          path === undefined ? undefined : openRejectFile({ path, keepLines, isAdded: true });
        const load = async (name: string): Promise<Destination> => {
          const report = await importer.run({
            ...{ inputs: [await fileInput(name, contract)], source, signal },
            onReject: (reject, line) => {
              if (file !== undefined) file.write(reject, line);
              else process.stderr.write(`${rejectText(reject)}\n`);
            },
          });
          // Before the file is moved, behind which nothing would tell why.
          file?.flush();
          const text = json ? `${JSON.stringify(report)}\n` : `${name}\n${reportText(report)}`;
          process.stdout.write(text);
          return report.rejected > 0 || isLaboratoryMissed(report) ? 'rejected' : 'done';
        };
        const onReady = () => process.stderr.write(`watching ${folder}\n`);
        try {
          await watchFolder({ folder, settleMs, load, signal, onReady });
        } finally {
          file?.close();
        }
      });
    }),
  );
}
