/** Anchors the head of a chain when it begins, every hour while it grows, and when the service ends. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.js';
import type { Anchor, Anchors } from './anchors.js';
import type { AnchorScheduler } from './recorder.js';
import type { Chain } from './chain.js';

export interface AnchorSchedulerOptions {
  readonly anchors: Pick<Anchors, 'keep'>;
  readonly log: Log;
  readonly now: () => number;
}

type Head = Pick<Anchor, 'chain' | 'seq' | 'hash'>;

const anchorEveryMs = 3_600_000;
const retryMs = 60_000;
const closeWithinMs = 2_000;

export function createAnchorScheduler(options: AnchorSchedulerOptions): AnchorScheduler {
  const { now } = options;
  const heads = trackHeads();
  let dueAtMs = 0;
  let anchoring: Promise<void> | undefined;
  const anchorNow = async () => {
    dueAtMs = now() + anchorEveryMs;
    const kept = await anchorHeads(heads.unkept(), options);
    if (kept === undefined) dueAtMs = now() + retryMs;
    else heads.kept(kept);
  };
  const anchorIfDue = () => {
    if (now() < dueAtMs || heads.unkept().length === 0) return;
    anchoring ??= anchorNow().finally(() => {
      anchoring = undefined;
    });
  };
  const timer = setInterval(anchorIfDue, retryMs);
  timer.unref();
  return {
    advanced: (chain) => {
      if (heads.follow(chain)) dueAtMs = 0;
      anchorIfDue();
    },
    close: async () => {
      clearInterval(timer);
      await Promise.race([(anchoring ?? Promise.resolve()).then(anchorNow), delay(closeWithinMs)]);
    },
  };
}

/** @returns the heads, which are kept now; nothing where they could not be */
async function anchorHeads(
  heads: readonly Head[],
  { anchors, log, now }: AnchorSchedulerOptions,
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

/** The chain that grows, and those that were abandoned before their last head was anchored. */
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
