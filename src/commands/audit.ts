/** `hospital-api audit verify`, `export` and `prune`. */
import { once } from 'node:events';
import { type Anchor, AnchorError } from '../audit/anchors.js';
import { openAnchors } from '../audit/open-anchors.js';
import { verify } from '../audit/verify.js';
import { readContract } from '../contract/contract.js';
import type { Range } from './audit-range.js';
import { readCommandConfig, withStore } from './command-store.js';
import { endOnFault } from './faults.js';
import { surviveClosedOutput } from './output.js';

export async function verifyAudit(): Promise<void> {
  await endOnFault(async () => {
    const config = await readCommandConfig(readContract());
    await withStore(config, async ({ store: { audit } }) => {
      // Read first: a row that is anchored meanwhile would seem to be missing.
      const { anchors, unreadable } = await readAnchors(config.audit.anchor);
      const kept = { links: audit.rows(), pruned: await audit.pruned(), anchors };
      const { links, chains, unanchored, faults } = await verify(kept);
      const all = [...unreadable, ...faults];
      for (const fault of all) console.log(fault);
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

export async function exportAudit(range: Range): Promise<void> {
  await endOnFault(async () => {
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

export async function pruneOldAudit(): Promise<void> {
  await endOnFault(async () => {
    const config = await readCommandConfig(readContract());
    const { anchor, keepMonths } = config.audit;
    const anchors = anchor === undefined ? undefined : await openAnchors(anchor);
    const before = monthBefore(new Date(), keepMonths);
    await withStore(config, async ({ store: { audit } }) => {
      const months = await audit.prune({
        before,
        keepHeads: async (pruned, heads) => {
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
