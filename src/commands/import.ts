/** `hospital-api import`: loads files of FHIR resources and says what became of them. */
import type { Config } from '../config.js';
import { type Contract, readContract } from '../contract/contract.js';
import { createDryRun } from '../import/dry-run.js';
import { changeText } from '../import/field-changes.js';
import { ImportError } from '../import/import-error.js';
import type { ImportReport } from '../import/import-report.js';
import { type ImportRun, type ImportStore, createImporter } from '../import/importer.js';
import { findInputs } from '../import/input-files.js';
import { type RejectFile, openRejectFile } from '../import/reject-file.js';
import { isLaboratoryMissed } from '../import/missed-laboratory.js';
import { rejectText, reportText } from '../import/report.js';
import type { Compare } from '../store/compare.js';
import type { Store } from '../store/store.js';
import { readCommandConfig, withStore } from './command-store.js';
import { untilSignal } from './ending.js';
import { CommandError, endOnFault } from './faults.js';
import { historyJson, historyText } from './import-history.js';
import { createProgress } from './import-progress.js';
import { tightenHeap } from './tight-heap.js';

export interface ImportCommand {
  readonly paths: readonly string[];
  /** The operator's name of the sending system. */
  readonly source: string;
  /** The report as JSON in place of the table. */
  readonly json: boolean;
  readonly quiet: boolean;
  /** A file for what is rejected. */
  readonly rejects?: string;
  readonly keepLines: boolean;
  readonly maxRejects?: number;
  readonly dryRun: boolean;
  readonly show: number;
  readonly showValues: boolean;
  readonly markMissing: boolean;
  /** Percent. */
  readonly maxMissing: number;
  readonly history: boolean;
}

const couldNotGoOn = 1;
const someRejected = 2;
const loadsOfHistory = 20;
/** Rejects that are named on a terminal; a file takes all. */
const mostNamed = 100;

export async function importFiles(command: ImportCommand): Promise<void> {
  const note = 'what was loaded stays, and loading the same files again is safe';
  tightenHeap();
  await endOnFault(() =>
    untilSignal(note, async (signal) => {
      const contract = readContract();
      const config = await readCommandConfig(contract);
      assertSource(command.source, contract);
      if (command.history) return withStore(config, ({ store }) => tellHistory(command, store));
      const report = await load(command, config, signal);
      process.stdout.write(command.json ? `${JSON.stringify(report)}\n` : reportText(report));
      process.exitCode = statusOfReport(report);
    }),
  );
}

function statusOfReport(report: ImportReport): number {
  if (report.missing?.refused?.isLimit === true) return couldNotGoOn;
  return report.rejected > 0 || isLaboratoryMissed(report) ? someRejected : 0;
}

async function tellHistory({ json }: ImportCommand, store: Store): Promise<void> {
  const loads = await store.pastLoads({ limit: loadsOfHistory });
  process.stdout.write(json ? historyJson(loads) : historyText(loads));
}

async function load(
  command: ImportCommand,
  config: Config,
  signal: AbortSignal,
): Promise<ImportReport> {
  const inputs = await findInputs(command.paths, readContract());
  const { rejects: path, keepLines, source, markMissing, maxMissing } = command;
  const file = path === undefined ? undefined : openRejectFile({ path, keepLines });
  const progress = command.quiet
    ? undefined
    : createProgress({ output: process.stderr, now: () => performance.now() });
  try {
    return await withStore(config, ({ store, contract }) => {
      signal.throwIfAborted();
      const { sourceTimeZone: timeZone, keepSource } = config;
      const maxMissingPercent = markMissing ? maxMissing : undefined;
      const onReject = rejectsTo(file, command);
      const run = { inputs, source, signal, onReject, progress, maxMissingPercent };
      const runOn = (target: ImportStore) =>
        createImporter({ contract, store: target, timeZone, keepSource }).run(run);
      if (!command.dryRun) return runOn(store);
      return store.comparing((compare) => runOn(dryRunOf(command, store, compare)));
    });
  } finally {
    progress?.close();
    file?.close();
  }
}

function dryRunOf({ show, showValues, json }: ImportCommand, store: Store, compare: Compare) {
  // With --json standard output is one JSON text.
  const output = json ? process.stderr : process.stdout;
  return createDryRun({
    ...{ store, compare },
    show,
    onChange: (collection, change) => output.write(changeText(collection, change, showValues)),
  });
}

function rejectsTo(
  file: RejectFile | undefined,
  { maxRejects }: ImportCommand,
): NonNullable<ImportRun['onReject']> {
  let count = 0;
  return (reject, line) => {
    count += 1;
    if (file !== undefined) file.write(reject, line);
    else if (count <= mostNamed) process.stderr.write(`${rejectText(reject)}\n`);
    else if (count === mostNamed + 1) process.stderr.write('… --rejects FILE takes all of them\n');
    if (maxRejects !== undefined && count > maxRejects) {
      throw new ImportError(
        `stopped: more than ${maxRejects} were rejected (--max-rejects). What was loaded stays; mend the extract or raise the limit, and load it again`,
      );
    }
  };
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
