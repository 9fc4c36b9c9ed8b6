/** The command line of `hospital-api audit`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Range } from './audit.js';

export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('who was given which versions of which records')
    .addHelpText('after', auditExamples);
  audit
    .command('verify')
    .description('check that no row of the audit was changed, taken out, moved or cut off')
    .action(async () => {
      const { verifyAudit } = await import('./audit.js');
      await verifyAudit();
    });
  ranged(audit.command('export'))
    .description('write the rows of the audit, one a line')
    .action(async (range: Range) => {
      const { exportAudit } = await import('./audit.js');
      await exportAudit(range);
    });
  ranged(audit.command('show'))
    .description('list who was given which version of a patient’s records, and when')
    .requiredOption('--patient <id>', 'the patient’s id, such as ehr:Patient:7')
    .option('--json', 'one JSON object a line, for programs', false)
    .action(async (options: Range & { readonly patient: string; readonly json: boolean }) => {
      const { showAudit } = await import('./audit.js');
      await showAudit(options);
    });
  audit
    .command('prune')
    .description('drop the months that are older than AUDIT_KEEP_MONTHS')
    .action(async () => {
      const { pruneOldAudit } = await import('./audit.js');
      await pruneOldAudit();
    });
}

function ranged(command: Command): Command {
  return command
    .option('--since <time>', 'only from this time on, such as 2026-01-01', timeOf)
    .option('--until <time>', 'only before this time', timeOf);
}

function timeOf(text: string): string {
  const time = new Date(text);
  if (!/^\d{4}-\d{2}/.test(text) || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('Give a time such as 2026-01-31 or 2026-01-31T08:00:00Z.');
  }
  return time.toISOString();
}

const auditExamples = `
Examples:
  $ hospital-api audit verify
  $ hospital-api audit show --patient ehr:Patient:7
  $ hospital-api audit export --since 2026-01-01 > audit.ndjson
  $ DATABASE_MIGRATION_URL=postgres://owner@db/hospital hospital-api audit prune

Exit status: 0 done, 2 the audit is not whole, 1 could not go on, 78 configuration.
`;
