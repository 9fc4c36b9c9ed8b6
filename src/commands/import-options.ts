/** The command line of `hospital-api import`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { ImportCommand } from './import.js';

export function addImport(program: Command): void {
  program
    .command('import')
    .description('load FHIR resources into the store')
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
    .addHelpText('after', examples)
    .action(async (paths: string[], options: ImportOptions, command: Command) => {
      if (options.watch !== undefined) {
        assertWatchable(options, command);
        const { watchImports } = await import('./import-watch.js');
        await watchImports({ paths, ...options }, options.watch);
        return;
      }
      if (paths.length === 0 && !options.history) {
        command.error("error: missing required argument 'path'");
      }
      const { importFiles } = await import('./import.js');
      await importFiles({ paths, ...options });
    });
}

/** What is of one load, and not of files that come one by one, would be passed over in silence. */
function assertWatchable(options: ImportOptions, command: Command): void {
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

type ImportOptions = Omit<ImportCommand, 'paths'> & { readonly watch?: string };

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function percent(text: string): number {
  const value = /^\d{1,3}(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : 101;
  if (value > 100) throw new InvalidArgumentError('Give a percentage from 0 to 100, such as 5.');
  return value;
}

const examples = `
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
