/** How long a follower goes on with a service that cannot answer, and when it may ask next. */
import { ServiceUnavailable } from './faults.js';
import type { Following } from './follow-options.js';
import type { Head } from './head.js';
import { delayMsOf, sleep } from './retry.js';

export interface Failure {
  readonly reason: string;
  /** How long the service asks to wait. */
  readonly askedMs: number;
  readonly cause?: unknown;
}

export interface Patience {
  /** Waits before the next try. @throws ServiceUnavailable when it was away for too long */
  wait(failure: Failure): Promise<void>;
  /** The service gave something. */
  restore(): void;
}

export function createPatience(following: Following): Patience {
  const { collection, signal, onRetry, giveUpAfterSeconds = Infinity } = following;
  let attempt = 0;
  let since = performance.now();
  return {
    wait: async ({ reason, askedMs, cause }) => {
      attempt += 1;
      const delayMs = delayMsOf(attempt, askedMs, Math.random);
      const waitedMs = performance.now() - since;
      if (waitedMs + delayMs > giveUpAfterSeconds * 1000) {
        throw new ServiceUnavailable(`the service cannot answer (${reason})`, { cause });
      }
      onRetry?.({ collection, attempt, delayMs, reason });
      await sleep(delayMs, signal);
    },
    restore: () => {
      attempt = 0;
      since = performance.now();
    },
  };
}

const longestWaitSeconds = 30;

/** Long polls where the service does, pauses where it does not. */
export function createPace({
  waitSeconds = longestWaitSeconds,
  pollSeconds = 5,
  signal,
}: Following) {
  let wait = 0;
  let started = 0;
  return {
    /** @returns for how many seconds the service may hold its answer back */
    begin: (): number => {
      started = performance.now();
      return wait;
    },
    end: async ({ more, held }: Head, isEmpty: boolean): Promise<void> => {
      // A service that says it held the page back, and did not, is not asked again without a pause.
      const wasHeld = held && performance.now() - started > 500;
      const cameInVain = wait > 0 && isEmpty && !wasHeld;
      wait = more ? 0 : waitSeconds;
      if (cameInVain || (!more && wait === 0)) await sleep(pollSeconds * 1000, signal);
    },
  };
}
