/** So many pieces of work at once, and a room to wait in that is only as large as the wait stays short. */
import { problems } from '../../problem.js';

export interface Turns {
  /** Whether whoever came now would have to wait for too long. */
  isFull(): boolean;
  /** @throws Problem 503 where it is full, or where the wait became longer than was expected */
  run<Result>(work: () => Result | Promise<Result>): Promise<Result>;
}

/** How large the room is: so long a wait is expected of whoever comes last, or so many wait however long it takes. */
interface Room {
  readonly waitMs: number;
  readonly places: number;
}

/** A few clients that each wait for their answers are never too many, nor a burst … */
const burst: Room = { waitMs: 25, places: 28 };
/** … but where somebody was refused there is less room, or every answer would be late by the length of it. */
const steady: Room = { waitMs: 3, places: 0 };
/** The time after a refusal. */
const steadyForMs = 1_000;
/** Whoever came beyond the places waits no longer, whatever was expected … */
const mostWaitMs = 40;
/** … the others outlast a pause of the store; where it is longer, nobody else begins to wait. */
const mostPauseMs = 1_000;
/** Of the last gap between two turns in what is expected of the next. */
const weightOfLast = 0.1;

/**
 * @param atOnce more than this would only wait for each other
 * @see Controlling Queue Delay (CoDel), Nichols and Jacobson, whose two bounds these are
 */
export function createTurns(atOnce: number): Turns {
  const waiting = new Set<() => void>();
  const gaps = watchGaps();
  let working = 0;
  let lastFullAtMs = -Infinity;
  const isFull = () => {
    if (working < atOnce) return false;
    const nowMs = performance.now();
    const room = nowMs - lastFullAtMs < steadyForMs ? steady : burst;
    const full = !hasPlace(room, waiting.size, gaps.expectedMs());
    if (full) lastFullAtMs = nowMs;
    return full;
  };
  const begin = async () => {
    if (working >= atOnce) {
      await turnIn(waiting, waiting.size < burst.places ? mostPauseMs : mostWaitMs);
      return;
    }
    working += 1;
    if (working === atOnce) gaps.begin();
  };
  const end = () => {
    if (working >= atOnce) gaps.end();
    const [next] = waiting;
    // The turn goes on to whoever waited longest.
    if (next === undefined) working -= 1;
    else next();
  };
  return {
    isFull,
    run: async (work) => {
      if (isFull()) throw problems.overloaded();
      await begin();
      try {
        return await work();
      } finally {
        end();
      }
    },
  };
}

function hasPlace({ places, waitMs }: Room, waiting: number, gapMs: number): boolean {
  if (gapMs > mostPauseMs) return false;
  return waiting < places || (waiting + 1) * gapMs <= waitMs;
}

/** How far apart turns end while all are taken. */
function watchGaps() {
  let gapMs = 1;
  let sinceMs = performance.now();
  const sofarMs = () => performance.now() - sinceMs;
  return {
    begin: () => {
      sinceMs = performance.now();
    },
    end: () => {
      gapMs += (Math.min(sofarMs(), mostWaitMs) - gapMs) * weightOfLast;
      sinceMs = performance.now();
    },
    // Where no turn ends any more, the next is as far away as the last.
    expectedMs: () => Math.max(gapMs, sofarMs()),
  };
}

function turnIn(waiting: Set<() => void>, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const take = () => {
      clearTimeout(timer);
      waiting.delete(take);
      resolve();
    };
    const timer = setTimeout(() => {
      waiting.delete(take);
      reject(problems.overloaded());
    }, withinMs);
    waiting.add(take);
  });
}
