/** Whether the chains of the audit are whole: each link follows the one before, and each anchor is met. */
import {
  type AccessEvent,
  digestOf,
  discloses,
  type EventPlace,
  type Link,
  nothingBefore,
} from './chain.js';
import type { Anchor } from './anchors.js';

/** The last link of a chain that was dropped with its month. */
interface PrunedHead {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

export interface StoredAudit {
  /** In the order of chains, and in each of its numbers. */
  readonly links: AsyncIterable<Link>;
  readonly pruned: readonly PrunedHead[];
  /** Nothing where none are kept. */
  readonly anchors: readonly Anchor[] | undefined;
}

export interface Verification {
  readonly chains: number;
  readonly links: number;
  /** Chains that no anchor knows: their cut or rebuilt end would not show. */
  readonly unanchored: number;
  /** Of each chain that is not whole, what is first wrong in it. */
  readonly errors: readonly string[];
}

export async function verify({ links, pruned, anchors }: StoredAudit): Promise<Verification> {
  const errors: string[] = [];
  const anchorsOf = grouped(anchors ?? [], ({ chain }) => chain);
  const prunedOf = new Map(pruned.map((head) => [head.chain, head]));
  const left = new Set([...(anchors ?? []), ...pruned].map(({ chain }) => chain));
  const begin = (chain: string) => {
    left.delete(chain);
    return createChainCheck(chain, prunedOf.get(chain), anchors && (anchorsOf.get(chain) ?? []));
  };
  const end = (walk: ChainCheck | undefined) => {
    const error = walk?.end();
    if (error !== undefined) errors.push(error);
  };
  let [chains, count, unanchored] = [0, 0, 0];
  let check: ChainCheck | undefined;
  for await (const link of links) {
    if (check?.chain !== link.chain) {
      end(check);
      check = begin(link.chain);
      chains += 1;
      if (!anchorsOf.has(link.chain)) unanchored += 1;
    }
    check.step(link);
    count += 1;
  }
  end(check);
  for (const chain of left) end(begin(chain));
  // Before anything was recorded there is nothing to anchor.
  if (count > 0 && anchors?.length === 0) {
    errors.push('AUDIT_ANCHOR holds no anchor: it is missing or empty, or none was ever kept');
  }
  return { chains, links: count, unanchored, errors };
}

interface ChainCheck {
  readonly chain: string;
  step(link: Link): void;
  /** The first error. */
  end(): string | undefined;
}

function createChainCheck(
  chain: string,
  pruned: PrunedHead | undefined,
  anchors: readonly Anchor[] | undefined,
): ChainCheck {
  let { seq, hash } = pruned ?? { seq: 0, hash: nothingBefore };
  const bySeq = grouped(anchors ?? [], (anchor) => anchor.seq);
  const start = pruned && anchors && unanchoredPrune(pruned, anchors);
  let failure = start ?? anchorMismatch(bySeq.get(seq), hash);
  return {
    chain,
    step: (link) => {
      if (failure !== undefined) return;
      failure = linkError(link, { seq, hash }) ?? anchorMismatch(bySeq.get(link.seq), link.hash);
      ({ seq, hash } = link);
    },
    end: () => {
      const beyond = (anchors ?? []).find((anchor) => anchor.seq > seq);
      const cut =
        beyond &&
        `the anchor of ${beyond.at} knows row ${beyond.seq}, but the chain ends at row ${seq}`;
      const first = failure ?? cut;
      return first === undefined ? undefined : `chain ${chain}: ${first}`;
    },
  };
}

function linkError(link: Link, before: { readonly seq: number; readonly hash: string }) {
  const seq = before.seq + 1;
  if (link.seq > seq) return `row ${seq} is missing`;
  if (link.seq < seq) return `row ${link.seq} stands there again, or was dropped before`;
  if (!isOwn(link)) return `row ${seq} does not hold the event of its place, time and collection`;
  if (digestOf(before.hash, link.event) !== link.hash) {
    return `row ${seq} was changed: its hash does not follow from it and the row before`;
  }
  return undefined;
}

function isOwn({ event, chain, seq, at, discloses: collection }: Link): boolean {
  try {
    const parsed = JSON.parse(event) as AccessEvent & {
      readonly place: EventPlace;
      readonly at: string;
    };
    const isPlace = parsed.place[0] === chain && parsed.place[1] === seq && parsed.at === at;
    return isPlace && collection === (discloses(parsed) ? parsed.collection : undefined);
  } catch {
    return false;
  }
}

function anchorMismatch(anchors: readonly Anchor[] | undefined, hash: string): string | undefined {
  const other = anchors?.find((anchor) => anchor.hash !== hash);
  return (
    other &&
    `the anchor of ${other.at} does not know row ${other.seq} as it stands there: the chain was rebuilt`
  );
}

/** Whoever can write the table could say of any beginning that it was dropped. */
function unanchoredPrune(
  { seq, hash }: PrunedHead,
  anchors: readonly Anchor[],
): string | undefined {
  const isKnown = anchors.some(
    (anchor) => anchor.pruned !== undefined && anchor.seq === seq && anchor.hash === hash,
  );
  return isKnown ? undefined : `rows up to ${seq} were dropped, which no anchor knows`;
}

/** Values by a key of theirs, in their order: `Map.groupBy`, which Node 20 does not have. */
export function grouped<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string | number,
): ReadonlyMap<string | number, readonly Value[]> {
  const groups = new Map<string | number, Value[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}
