/** `hospital-api import`: loads files of FHIR resources and says what became of them. */
import { setFlagsFromString } from 'node:v8';
import type { Config } from '../config/config.js';
import { type Contract, readContract } from '../contract/contract.js';
import { changeText, createDryRun } from '../ingest/dry-run.js';
import {
  type ImportReport,
  isLaboratoryMissed,
  rejectText,
  reportText,
} from '../ingest/import-report.js';
import { createImporter, type ImportRun, type ImportStore } from '../ingest/importer.js';
import { ImportError } from '../ingest/read/lines.js';
import { findInputs } from '../ingest/read/read-input.js';
import { openRejectFile, type RejectFile } from '../ingest/reject-file.js';
import type { Compare } from '../ingest/write/compare.js';
import type { PastLoad } from '../ingest/write/load-store.js';
import type { Store } from '../store.js';
import { CommandError, endOnFault } from './command-errors.js';
import { readCommandConfig, withStore } from './command-store.js';
import { createProgress } from './import-progress.js';
import { untilSignal } from './signals.js';

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

const counted = ['read', 'created', 'updated', 'unchanged', 'older', 'rejected'] as const;

/** For people; numbers and names of files only. */
function historyText(loads: readonly PastLoad[]): string {
  if (loads.length === 0) return 'no loads yet\n';
  return loads.map(loadText).join('');
}

function loadText({ id, source, started, ended, files, counts, mapping }: PastLoad): string {
  const seconds = ended && ((ended.getTime() - started.getTime()) / 1000).toFixed(1);
  const end = seconds === undefined ? 'did not end, or runs' : `${seconds} s`;
  const head = `load ${id} ${source} ${started.toISOString()} ${end} mapping ${mapping ?? '-'}\n`;
  const collections = (counts.collections ?? {}) as Readonly<
    Record<string, Readonly<Record<string, number>>>
  >;
  return [
    head,
    ...files.map(({ name, bytes, sha256 }) =>
      sha256 === undefined ? `  ${name}\n` : `  ${name} ${String(bytes)} bytes sha256 ${sha256}\n`,
    ),
    ...Object.entries(collections).map(
      ([name, of]) =>
        `  ${name} ${counted.map((field) => `${field} ${of[field] ?? 0}`).join(' ')}\n`,
    ),
  ].join('');
}

/** For machines. */
function historyJson(loads: readonly PastLoad[]): string {
  return `${JSON.stringify(loads.map((load) => ({ ...load, id: Number(load.id) })))}\n`;
}

/** Left to itself V8 lets a heap of 40 MB grow to four times that before it collects. */
function tightenHeap(): void {
  setFlagsFromString('--heap-growing-percent=100');
}
