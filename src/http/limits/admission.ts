/**
 * Decides how much work is let in.
 *
 * More than `maxInFlight` operations at a time would only wait for each other, so that many run and the others queue. A
 * queue of fixed length is too short for a burst, or too long once the store has slowed down, so the queue is bounded
 * by the wait that it means. While all turns are taken, the gap between two operations that end is averaged; a newcomer
 * is let in if the queue in front of it, at one gap each, lasts no longer than a target. The target is 25 ms, which
 * absorbs bursts. For a second after a refusal it is 3 ms: a queue that never empties would make every answer late and
 * serve nobody more. These are the two bounds of CoDel (Controlling Queue Delay, Nichols and Jacobson). A few clients
 * that each wait for their answers are no flood: 28 may always queue until somebody is refused. When the store pauses,
 * nothing ends, so the next gap is expected to be at least as long as the time since the last end; those who queue
 * outlast a pause of a second, and after that nobody else may queue.
 *
 * The question is asked once a request, before anything but its path is read: a refusal has to cost next to nothing.
 */
import type { RequestListener } from 'node:http';
import { createConcurrencyLimiter } from '../../concurrency-limiter.js';
import type { TransportConfig } from '../../config/config.js';
import type { OpenApiDocument } from '../../contract/document.js';
import type { Log } from '../../log.js';
import { problems } from '../../problem.js';
import { createBackpressure } from './backpressure.js';
import type { RefuseEarly } from './refuse-early.js';

type Limits = Pick<
  TransportConfig,
  'maxInFlight' | 'maxEventLoopDelayMs' | 'maxExports' | 'maxExportMs'
>;

export interface AdmissionOptions {
  readonly limits: Limits;
  readonly document: OpenApiDocument;
  readonly refuse: RefuseEarly;
  readonly log: Log;
}

export interface Admission {
  /** Refuses with 503 what there is no room for. */
  guard(app: RequestListener): RequestListener;
  /** From now on each answer ends its connection. */
  drain(): void;
  /**
   * Runs an operation when it is its turn.
   * @throws Problem 503 when that takes too long
   */
  runOperation<Result>(work: () => Result | Promise<Result>): Promise<Result>;
  /**
   * Sends a whole feed, which the signal breaks off when it lasts too long.
   * @throws Problem 503 where as many as may be are under way
   */
  runExport(requestId: string, send: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

export function createAdmission({ limits, document, refuse, log }: AdmissionOptions): Admission {
  const open = openPaths(document);
  const operations = createOperationQueue(limits.maxInFlight);
  const isLate = watchEventLoop(limits.maxEventLoopDelayMs);
  const isFull = () => operations.isFull() || isLate();
  const backpressure = createBackpressure(() => !isFull());
  let isDraining = false;
  return {
    guard: (app) => (request, response) => {
      if (isDraining) response.shouldKeepAlive = false;
      if (isFull() && !open.has(pathOf(request.url ?? ''))) {
        backpressure.holdBack(response);
        refuse(request, response, problems.overloaded());
      } else app(request, response);
    },
    drain: () => {
      isDraining = true;
    },
    runOperation: operations.run,
    runExport: exportRunner(limits, log),
  };
}

/** Health, the contract and its page need no key, and are answered whatever the load. */
function openPaths({ paths }: OpenApiDocument): ReadonlySet<string> {
  const open = Object.entries(paths).filter(([, { get }]) => get?.security?.length === 0);
  return new Set(open.map(([path]) => path));
}

function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
}

/** How many may queue: any number of them while the wait is expected to be this short, or so many in any case. */
interface Room {
  readonly waitMs: number;
  readonly places: number;
}

const burst: Room = { waitMs: 25, places: 28 };
const steady: Room = { waitMs: 3, places: 0 };
/** The time after a refusal. */
const steadyForMs = 1_000;
/** Whoever came beyond the places waits no longer, whatever was expected. */
const mostWaitMs = 40;
const mostPauseMs = 1_000;

function createOperationQueue(atOnce: number) {
  const limiter = createConcurrencyLimiter({ atOnce, refuse: problems.overloaded });
  const gaps = watchGaps();
  let lastFullAtMs = -Infinity;
  return {
    isFull: (): boolean => {
      if (!limiter.isBusy()) return false;
      const nowMs = performance.now();
      const room = nowMs - lastFullAtMs < steadyForMs ? steady : burst;
      const isFull = !hasPlace(room, limiter.waiting(), gaps.expectedMs());
      if (isFull) lastFullAtMs = nowMs;
      return isFull;
    },
    run: async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
      const wasBusy = limiter.isBusy();
      const entering = limiter.enter(limiter.waiting() < burst.places ? mostPauseMs : mostWaitMs);
      if (!wasBusy && limiter.isBusy()) gaps.begin();
      const leave = await entering;
      try {
        return await work();
      } finally {
        if (limiter.isBusy()) gaps.end();
        leave();
      }
    },
  };
}

function hasPlace({ places, waitMs }: Room, waiting: number, gapMs: number): boolean {
  if (gapMs > mostPauseMs) return false;
  return waiting < places || (waiting + 1) * gapMs <= waitMs;
}

/** Of the last gap in the average. */
const weightOfLast = 0.1;

/** How far apart operations end while all turns are taken. */
function watchGaps() {
  let gapMs = 1;
  let sinceMs = performance.now();
  const elapsedMs = () => performance.now() - sinceMs;
  return {
    begin: () => {
      sinceMs = performance.now();
    },
    end: () => {
      gapMs += (Math.min(elapsedMs(), mostWaitMs) - gapMs) * weightOfLast;
      sinceMs = performance.now();
    },
    expectedMs: () => Math.max(gapMs, elapsedMs()),
  };
}

const tickMs = 20;

/** @returns whether the event loop was late twice in a row: once is a pause that has passed, such as a garbage collection */
function watchEventLoop(maxDelayMs: number): () => boolean {
  let delaysMs = [0, 0];
  let dueAtMs = performance.now() + tickMs;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    delaysMs = [...delaysMs.slice(1), nowMs - dueAtMs];
    dueAtMs = nowMs + tickMs;
  }, tickMs);
  timer.unref();
  return () => Math.min(...delaysMs) > maxDelayMs;
}

function exportRunner({ maxExports, maxExportMs }: Limits, log: Log): Admission['runExport'] {
  const limiter = createConcurrencyLimiter({
    ...{ atOnce: maxExports, maxWaiting: 0, refuse: problems.tooManyExports },
  });
  return (requestId, send) =>
    limiter.run(async () => {
      const overdue = new AbortController();
      const timer = setTimeout(() => {
        log.warn({ requestId, maxExportMs }, 'an export lasted too long and was broken off');
        overdue.abort();
      }, maxExportMs);
      try {
        await send(overdue.signal);
      } finally {
        clearTimeout(timer);
      }
    });
}
