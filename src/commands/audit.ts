/** `hospital-api audit`: verifies, exports, shows and prunes the record of accesses. */
import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { type Anchor, AnchorError, openAnchors } from '../audit/anchors.js';
import { type DisclosedVersion, findDisclosures } from '../audit/disclosures.js';
import { verify } from '../audit/verify.js';
import { readContract } from '../contract/contract.js';
import { timeOfPosition } from '../contract/time.js';
import { endOnError, surviveClosedOutput } from './command-errors.js';
import { readCommandConfig, withStore } from './command-store.js';
import { createCommand } from './create-command.js';

/** Which time of the audit a command is about. */
interface Range {
  /** RFC 3339; the first time that is meant. */
  readonly since?: string;
  /** The first time behind it. */
  readonly until?: string;
}

interface ShowOptions extends Range {
  readonly patient: string;
  readonly json: boolean;
}

const help = `
Examples:
  $ hospital-api audit verify
  $ hospital-api audit show --patient ehr:Patient:7
  $ hospital-api audit export --since 2026-01-01 > audit.ndjson
  $ DATABASE_MIGRATION_URL=postgres://owner@db/hospital hospital-api audit prune

Exit status: 0 done, 2 the audit is not whole, 1 could not go on, 78 configuration.
`;

export const command = createCommand('audit').addHelpText('after', help);
command
  .command('verify')
  .description('check that no row of the audit was changed, taken out, moved or cut off')
  .action(verifyAudit);
withRange(command.command('export'))
  .description('write the rows of the audit, one a line')
  .action(exportAudit);
withRange(command.command('show'))
  .description('list who was given which version of a patient’s records, and when')
  .requiredOption('--patient <id>', 'the patient’s id, such as ehr:Patient:7')
  .option('--json', 'one JSON object a line, for programs', false)
  .action(showAudit);
command
  .command('prune')
  .description('drop the months that are older than AUDIT_KEEP_MONTHS')
  .action(pruneOldAudit);

function withRange(ranged: Command): Command {
  return ranged
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

async function verifyAudit(): Promise<void> {
  await endOnError(async () => {
    const config = await readCommandConfig(readContract());
    await withStore(config, async ({ store: { audit } }) => {
      // Read first: a row that is anchored meanwhile would seem to be missing.
      const { anchors, unreadable } = await readAnchors(config.audit.anchor);
      const kept = { links: audit.rows(), pruned: await audit.pruned(), anchors };
      const { links, chains, unanchored, errors } = await verify(kept);
      const all = [...unreadable, ...errors];
      for (const error of all) console.log(error);
      console.log(`${links} rows in ${chains} chains, ${anchors?.length ?? 0} anchors`);
      if (anchors === undefined) {
        console.log('no AUDIT_ANCHOR is set: a cut or rebuilt chain would not show');
      } else if (unanchored > 0) {
        console.log(`${unanchored} chains have no anchor: a cut or rebuilt one would not show`);
      }
      console.log(all.length === 0 ? 'the audit is whole' : 'the audit is not whole');
      if (all.length > 0) process.exitCode = 2;
    });
  });
}

interface ReadAnchors {
  /** Nothing where none are kept. */
  readonly anchors: readonly Anchor[] | undefined;
  readonly unreadable: readonly string[];
}

async function readAnchors(place: string | undefined): Promise<ReadAnchors> {
  if (place === undefined) return { anchors: undefined, unreadable: [] };
  try {
    return { anchors: await (await openAnchors(place)).read(), unreadable: [] };
  } catch (error) {
    if (!(error instanceof AnchorError)) throw error;
    return { anchors: [], unreadable: [error.message] };
  }
}

async function exportAudit(range: Range): Promise<void> {
  await endOnError(async () => {
    surviveClosedOutput();
    const config = await readCommandConfig(readContract());
    await withStore(config, async ({ store: { audit } }) => {
      for await (const { hash, event } of audit.rows(range)) {
        // The text as it was digested, so that others can check it too.
        const isTaken = process.stdout.write(`{"hash":"${hash}","event":${event}}\n`);
        if (!isTaken) await once(process.stdout, 'drain');
      }
    });
  });
}

async function pruneOldAudit(): Promise<void> {
  await endOnError(async () => {
    const config = await readCommandConfig(readContract());
    const { anchor, keepMonths } = config.audit;
    const anchors = anchor === undefined ? undefined : await openAnchors(anchor);
    const before = monthBefore(new Date(), keepMonths);
    await withStore(config, async ({ store: { audit } }) => {
      const months = await audit.prune({
        before,
        anchorHeads: async (pruned, heads) => {
          const at = new Date().toISOString();
          if (heads.length > 0) await anchors?.keep(heads.map((head) => ({ ...head, at, pruned })));
        },
      });
      const dropped = months.length === 0 ? 'nothing' : months.join(', ');
      console.log(`dropped: ${dropped}; what is kept begins with ${before}`);
    });
  });
}

/** The month so many months before that of a time: `2020-01`. */
function monthBefore(time: Date, months: number): string {
  const first = Date.UTC(time.getUTCFullYear(), time.getUTCMonth() - months);
  return new Date(first).toISOString().slice(0, 7);
}

async function showAudit({ patient, json, ...range }: ShowOptions): Promise<void> {
  await endOnError(async () => {
    surviveClosedOutput();
    const config = await readCommandConfig(readContract());
    await withStore(config, async ({ store: { audit } }) => {
      const versions = await audit.patientVersions(patient);
      const shown = await findDisclosures(versions, audit.rows({ ...range, disclosing: true }));
      for (const each of shown) console.log(json ? JSON.stringify(factsOf(each)) : lineOf(each));
      if (!json) {
        console.log(
          `${patient}: ${versions.length} versions of records, given ${shown.length} times`,
        );
      }
    });
  });
}

function factsOf({ at, certainty, event, version }: DisclosedVersion) {
  const { requestId, operation, scheme, consumer, keyVersion, client } = event;
  const { collection, id, version: number, position } = version;
  const updatedTs = timeOfPosition(position);
  return {
    ...{ at, certainty, consumer, scheme, keyVersion, client, operation, requestId },
    ...{ collection, id, version: number, updatedTs },
  };
}

function lineOf(shown: DisclosedVersion): string {
  const { at, certainty, consumer, scheme, keyVersion, client, operation, ...of } = factsOf(shown);
  const who = `${consumer ?? '?'} of ${scheme ?? '?'} (key ${keyVersion ?? '?'}, from ${client ?? '?'})`;
  const what = `${of.collection} ${of.id} version ${of.version} of ${of.updatedTs}`;
  return `${at} ${certainty} to ${who} by ${operation ?? '?'}: ${what} (request ${of.requestId ?? '?'})`;
}
