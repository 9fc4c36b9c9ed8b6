/** Bounds how many pieces of work run at a time; whoever comes beyond the bound waits in line. */

export interface LimiterOptions {
  readonly atOnce: number;
  /** How many may wait; any number without it. */
  readonly maxWaiting?: number;
  /** The error for whoever may not wait, or waited for too long. */
  readonly refuse?: () => Error;
}

export interface ConcurrencyLimiter {
  /** Whether whoever comes now has to wait. */
  isBusy(): boolean;
  waiting(): number;
  /**
   * @param withinMs how long to wait at most
   * @returns ends the turn; to be called once
   * @throws the error of `refuse`
   */
  enter(withinMs?: number): Promise<() => void>;
  /** @throws the error of `refuse`, or what the work throws */
  run<Result>(work: () => Result | Promise<Result>): Promise<Result>;
}

export function createConcurrencyLimiter(options: LimiterOptions): ConcurrencyLimiter {
  const { atOnce, maxWaiting = Infinity, refuse = () => new Error('too many wait') } = options;
  // In insertion order, and each can leave from the middle.
  const queue = new Set<() => void>();
  let running = 0;
  const leave = () => {
    const [next] = queue;
    // The turn passes on to whoever has waited longest, so the number that runs stays the same.
    if (next === undefined) running -= 1;
    else next();
  };
  const enter = async (withinMs?: number) => {
    if (running < atOnce) running += 1;
    else if (queue.size < maxWaiting) await waitIn(queue, refuse, withinMs);
    else throw refuse();
    return leave;
  };
  return {
    isBusy: () => running >= atOnce,
    waiting: () => queue.size,
    enter,
    run: async (work) => {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}

function waitIn(
  queue: Set<() => void>,
  refuse: () => Error,
  withinMs: number | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const take = () => {
      clearTimeout(timer);
      queue.delete(take);
      resolve();
    };
    const giveUp = () => {
      queue.delete(take);
      reject(refuse());
    };
    const timer = withinMs === undefined ? undefined : setTimeout(giveUp, withinMs);
    queue.add(take);
  });
}
