/** `hospital-api import`: loads files of FHIR resources and says what became of them. */
import { readConfig } from '../config.js';
import { openConfiguredStore } from '../configured-store.js';
import { type Contract, readContract } from '../contract/contract.js';
import type { ImportReport } from '../import/import-report.js';
import { createImporter } from '../import/importer.js';
import { findInputs } from '../import/input-files.js';
import { rejectText, reportText } from '../import/report.js';
import { CommandError, endOnFault } from './faults.js';
import { openLog } from './open-log.js';
import { type EndingSignal, onFirstSignal, statusOf } from './signals.js';
import { explained } from './start-faults.js';

export interface ImportCommand {
  readonly paths: readonly string[];
  /** The operator's name of the sending system. */
  readonly source: string;
  /** The report as JSON in place of the table. */
  readonly json: boolean;
}

const someRejected = 2;

export async function importFiles(command: ImportCommand): Promise<void> {
  await endOnFault(async () => {
    const ending = new AbortController();
    onFirstSignal((signal) => {
      ending.abort(new Ended(signal));
    });
    try {
      const report = await load(command, ending.signal);
      process.stdout.write(command.json ? `${JSON.stringify(report)}\n` : reportText(report));
      process.exitCode = report.rejected > 0 ? someRejected : 0;
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = statusOf(error.signal);
    }
  });
}

class Ended extends Error {
  override readonly name = 'Ended';
  constructor(readonly signal: EndingSignal) {
    super(`ended by ${signal}: what was loaded stays, and loading the same files again is safe`);
  }
}

async function load(command: ImportCommand, signal: AbortSignal): Promise<ImportReport> {
  const contract = readContract();
  const config = await readConfig({
    env: process.env,
    folder: process.cwd(),
    collectionNames: contract.collections.map(({ name }) => name),
    keysNeeded: false,
  });
  assertSource(command.source, contract);
  const inputs = await findInputs(command.paths, contract);
  // Standard output is the report's.
  const log = await openLog(config, contract, process.stderr);
  for (const warning of config.warnings) log.warn({}, warning);
  const closers: (() => Promise<void> | void)[] = [];
  try {
    const store = await openConfiguredStore({ config, contract, log, role: 'command', closers });
    signal.throwIfAborted();
    const importer = createImporter({ contract, store, timeZone: config.sourceTimeZone });
    return await importer.run({
      inputs,
      source: command.source,
      signal,
      onReject: (reject) => process.stderr.write(`${rejectText(reject)}\n`),
    });
  } catch (error) {
    throw explained(error, config);
  } finally {
    for (const closer of closers.reverse()) await closer();
  }
}

/** Before anything is opened for it; the rule is the contract's. */
function assertSource(source: string, { collections }: Contract): void {
  const { pattern, maxLength, example } = collections[0]?.contentSchema.properties?.source ?? {};
  const fits = typeof pattern !== 'string' || new RegExp(pattern, 'u').test(source);
  if (fits && (typeof maxLength !== 'number' || source.length <= maxLength)) return;
  throw new CommandError(
    `--source must match ${String(pattern)} in at most ${String(maxLength)} characters, such as ${String(example)}: it begins every record id`,
  );
}
