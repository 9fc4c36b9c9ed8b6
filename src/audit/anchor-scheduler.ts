/** Anchors the head of a chain when it begins, every hour while it grows, and when the service ends. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.js';
import type { Anchor, Anchors } from './anchors.js';
import type { HeadKeeper } from './audit.js';
import type { Chain } from './chain.js';

export interface HeadKeeperOptions {
  readonly anchors: Pick<Anchors, 'keep'>;
  readonly log: Log;
  readonly now: () => number;
}

type Head = Pick<Anchor, 'chain' | 'seq' | 'hash'>;

const everyMs = 3_600_000;
const retryMs = 60_000;
const lastWithinMs = 2_000;

export function createHeadKeeper(options: HeadKeeperOptions): HeadKeeper {
  const { now } = options;
  const heads = trackHeads();
  let dueAtMs = 0;
  let keeping: Promise<void> | undefined;
  const keep = async () => {
    dueAtMs = now() + everyMs;
    const kept = await keepHeads(heads.unkept(), options);
    if (kept === undefined) dueAtMs = now() + retryMs;
    else heads.kept(kept);
  };
  const keepDue = () => {
    if (now() < dueAtMs || heads.unkept().length === 0) return;
    keeping ??= keep().finally(() => {
      keeping = undefined;
    });
  };
  const timer = setInterval(keepDue, retryMs);
  timer.unref();
  return {
    moved: (chain) => {
      if (heads.follow(chain)) dueAtMs = 0;
      keepDue();
    },
    close: async () => {
      clearInterval(timer);
      await Promise.race([(keeping ?? Promise.resolve()).then(keep), delay(lastWithinMs)]);
    },
  };
}

/** @returns the heads, which are kept now; nothing where they could not be */
async function keepHeads(
  heads: readonly Head[],
  { anchors, log, now }: HeadKeeperOptions,
): Promise<readonly Head[] | undefined> {
  const at = new Date(now()).toISOString();
  try {
    if (heads.length > 0) await anchors.keep(heads.map((head) => ({ ...head, at })));
    return heads;
  } catch (error) {
    log.error({ error }, 'the head of the audit cannot be anchored: a cut would not show');
    return undefined;
  }
}

/** The chain that grows, and those that were given up before their last head was kept. */
function trackHeads() {
  let chain: Chain | undefined;
  let last: readonly Head[] = [];
  let keptSeq = 0;
  const unkept = (): readonly Head[] =>
    chain === undefined || chain.head.seq === keptSeq
      ? last
      : [...last, { chain: chain.id, seq: chain.head.seq, hash: chain.head.hash }];
  return {
    unkept,
    /** @returns whether it is another chain than before */
    follow: (present: Chain) => {
      if (present === chain) return false;
      last = unkept();
      [chain, keptSeq] = [present, 0];
      return true;
    },
    kept: (heads: readonly Head[]) => {
      last = last.filter((head) => !heads.includes(head));
      keptSeq = heads.find((head) => head.chain === chain?.id)?.seq ?? keptSeq;
    },
  };
}
