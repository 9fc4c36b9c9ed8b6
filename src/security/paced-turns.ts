/** Lets refusals go a few at a time, so that a flood of wrong keys leaves the processor to right ones. */

export interface PacedTurns {
  /** Resolves when it is this one's turn, at once while few ask; to false, at once, where too many wait already. */
  wait(): Promise<boolean>;
}

const tickMs = 2;
const turnsATick = 2;
const mostWaiting = 1_000;

export function createPacedTurns(): PacedTurns {
  const waiting: ((isTurn: boolean) => void)[] = [];
  let left = turnsATick;
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    for (left = turnsATick; left > 0 && waiting.length > 0; left -= 1) waiting.shift()?.(true);
    // Nobody came since the last tick: the next one who comes starts it again.
    timer = left === turnsATick ? undefined : setTimeout(tick, tickMs);
  };
  return {
    wait: () => {
      timer ??= setTimeout(tick, tickMs);
      if (left > 0) {
        left -= 1;
        return Promise.resolve(true);
      }
      if (waiting.length >= mostWaiting) return Promise.resolve(false);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
