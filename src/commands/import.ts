/** `hospital-api import`: loads files of FHIR resources, once or as they are completed in a watched folder. */
import { setFlagsFromString } from 'node:v8';
import { InvalidArgumentError } from 'commander';
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
import { fileInput, findInputs } from '../ingest/read/read-input.js';
import { type Destination, watchFolder } from '../ingest/read/watch-folder.js';
import { openRejectFile, type RejectFile } from '../ingest/reject-file.js';
import type { Compare } from '../ingest/write/compare.js';
import type { PastLoad } from '../ingest/write/load-store.js';
import type { Store } from '../store.js';
import { CommandError, endOnError } from './command-errors.js';
import { readCommandConfig, withStore } from './command-store.js';
import { createCommand } from './create-command.js';
import { createProgress } from './import-progress.js';
import { untilSignal } from './signals.js';

interface ImportOptions {
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
  /** A folder to stay at. */
  readonly watch?: string;
}

interface ImportCommand extends ImportOptions {
  readonly paths: readonly string[];
}

const help = `
Beside a running service the records go into the database of that service. Loading a file again is safe: what
has not changed takes no new version, and an older version never replaces a newer one. A line that does not fit
is named on stderr or in the file of --rejects, and the rest is loaded. docs/importing.md tells the rules.

Examples:
  $ hospital-api import Patient.ndjson Encounter.ndjson
  $ hospital-api import extract/ --source lab-berlin --rejects rejects.ndjson
  $ hospital-api import extract/ --dry-run --show 20
  $ hospital-api import full-extract/ --mark-missing --max-missing 2
  $ hospital-api import extract/ --json --quiet | jq .collections
  $ gunzip -c extract.gz | hospital-api import - --source lab-berlin
  $ hospital-api import --watch /var/spool/hospital --quiet
  $ hospital-api import --history

Exit status: 0 all in, 2 some lines rejected, 1 could not go on, 78 configuration, 130 or 143 ended by a signal.
`;

export const command = createCommand('import')
  .argument('[path...]', 'files, folders that are read at any depth, or - for standard input')
  .option('--source <name>', 'the sending system: the first part of every record id', 'ehr')
  .option('--json', 'print the closing report as JSON in place of the table', false)
  .option('--quiet', 'say nothing while it runs', false)
  .option('--rejects <file>', 'write what is rejected to a file, one JSON object a line')
  .option('--keep-lines', 'with the rejected line itself: health data', false)
  .option('--max-rejects <count>', 'stop when more than so many are rejected', wholeNumber)
  .option('--dry-run', 'say what would change and write nothing', false)
  .option('--show <count>', 'tell so many changes of a dry run field by field', wholeNumber, 10)
  .option('--show-values', 'with ids and values: health data', false)
  .option('--mark-missing', 'the paths hold all that there is: mark what they do not', false)
  .option('--max-missing <percent>', 'mark nothing when it would be more', percent, 5)
  .option(
    '--watch <folder>',
    'stay, load each file that is completed there, and move it to done/ or rejected/',
  )
  .option('--history', 'list the loads so far and read nothing', false)
  .addHelpText('after', help)
  .action(async (paths: string[], options: ImportOptions) => {
    if (options.watch !== undefined) {
      assertWatchable(options);
      await watchImports(options, options.watch);
      return;
    }
    if (paths.length === 0 && !options.history) {
      command.error("error: missing required argument 'path'");
    }
    await importFiles({ paths, ...options });
  });

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function percent(text: string): number {
  const value = /^\d{1,3}(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : 101;
  if (value > 100) throw new InvalidArgumentError('Give a percentage from 0 to 100, such as 5.');
  return value;
}

/** What is of one load, and not of files that come one by one, would be passed over in silence. */
function assertWatchable(options: ImportOptions): void {
  const { dryRun, showValues, markMissing, maxRejects, history } = options;
  const asked = Object.entries({
    ...{ '--dry-run': dryRun, '--show-values': showValues, '--mark-missing': markMissing },
    ...{ '--max-rejects': maxRejects !== undefined, '--history': history },
  });
  const [wrong] = asked.filter(([, isAsked]) => isAsked).map(([name]) => name);
  if (wrong === undefined) return;
  command.error(
    `error: --watch takes no ${wrong}: load the folder without --watch, or leave ${wrong} out`,
  );
}

const couldNotGoOn = 1;
const someRejected = 2;
const loadsOfHistory = 20;
/** Rejects that are named on a terminal; a file takes all. */
const mostNamed = 100;

async function importFiles(command: ImportCommand): Promise<void> {
  const note = 'what was loaded stays, and loading the same files again is safe';
  tightenHeap();
  await endOnError(() =>
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
        `stopped: more than ${maxRejects} were rejected (--max-rejects). What was loaded stays; fix the extract or raise the limit, and load it again`,
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

const settleMs = 2000;

async function watchImports(options: ImportOptions, folder: string): Promise<void> {
  const note =
    'a file that was not loaded in full is where it was, and is loaded at the next start';
  await endOnError(() =>
    untilSignal(note, async (signal) => {
      const config = await readCommandConfig(readContract());
      await withStore(config, async ({ store, contract }) => {
        const { sourceTimeZone: timeZone, keepSource } = config;
        const importer = createImporter({ contract, store, timeZone, keepSource });
        const { source, json, keepLines, rejects: path } = options;
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
