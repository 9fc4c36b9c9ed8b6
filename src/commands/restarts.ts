/** When the place of a worker that died is filled again, and when there is no more use in it. */

export interface Restarts {
  /**
   * @param servedMs how long the worker that died had answered requests, 0 when it never did
   * @returns after how long another one starts; nothing when the last ones died at once, one after the other
   */
  afterDeath(servedMs: number): number | undefined;
}

const firstAfterMs = 100;
const longestAfterMs = 5_000;
/** A worker that served no longer than this died at once. */
const atOnceMs = 1_000;
const mostAtOnce = 5;
/** Deaths that lie further apart are not of one row. */
const forgottenAfterMs = 60_000;

export function createRestarts(now: () => number = () => performance.now()): Restarts {
  let inARow = 0;
  let lastMs = -Infinity;
  return {
    afterDeath: (servedMs) => {
      const isFirst = servedMs > atOnceMs || now() - lastMs > forgottenAfterMs;
      lastMs = now();
      inARow = servedMs > atOnceMs ? 0 : isFirst ? 1 : inARow + 1;
      if (inARow >= mostAtOnce) return undefined;
      return Math.min(firstAfterMs * 2 ** inARow, longestAfterMs);
    },
  };
}
