/** The processes that answer requests, on one port: started again when they die, and ended together. */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.js';
import { WorkerError } from './worker-error.js';

/** What a worker and the process that started it say to each other, beside the keys. */
export type ClusterMessage =
  { readonly cluster: 'ready'; readonly url: string } | { readonly cluster: 'end' };

export interface WorkersOptions {
  readonly count: number;
  readonly log: Log;
  /** Gives a new worker what it cannot do without. */
  readonly initWorker: (worker: Worker) => void;
  /** Called once when no worker can be had any more, with the status of the last one; null where a signal ended it. */
  readonly giveUp: (status: number | null) => void;
}

export interface Workers {
  /**
   * @returns where they listen, once all do
   * @throws WorkerError when one cannot start
   */
  start(): Promise<string>;
  /** Resolves when all have answered what they were asked, and are gone. */
  end(): Promise<void>;
}

/** How a worker ended; it was ready at a time only when it answered requests. */
interface Death {
  readonly id: number;
  readonly status: number | null;
  readonly signal: string | null;
  readonly readyAtMs: number | undefined;
}

export function createWorkers(options: WorkersOptions): Workers {
  const alive = new Set<Started>();
  const supervised: Supervised = {
    ...options,
    restarts: createRestarts(),
    ending: new AbortController(),
    isAnyReady: () => [...alive].some(({ isReady }) => isReady()),
    startOne: () => {
      const started = fork(options);
      alive.add(started);
      void started.death.then(() => alive.delete(started));
      return started;
    },
  };
  return {
    start: async () => {
      // What keeps a worker from starting is said by the first alone.
      const first = supervised.startOne();
      const url = await first.url;
      const others = Array.from({ length: options.count - 1 }, supervised.startOne);
      await Promise.all(others.map((started) => started.url));
      for (const started of [first, ...others]) void superviseWorker(started, supervised);
      return url;
    },
    end: async () => {
      supervised.ending.abort();
      const leaving = [...alive];
      for (const { worker } of leaving) worker.send({ cluster: 'end' }, () => undefined);
      await Promise.all(leaving.map(({ death }) => death));
    },
  };
}

interface Supervised extends WorkersOptions {
  readonly restarts: Restarts;
  readonly ending: AbortController;
  readonly isAnyReady: () => boolean;
  readonly startOne: () => Started;
}

/** One worker after the other in the same place, until the end. */
async function superviseWorker(first: Started, supervised: Supervised): Promise<void> {
  const { signal } = supervised.ending;
  for (let started = first; ; started = supervised.startOne()) {
    const death = await started.death;
    if (signal.aborted) return;
    const { readyAtMs } = death;
    const servedMs = readyAtMs === undefined ? 0 : performance.now() - readyAtMs;
    const afterMs = supervised.restarts.afterDeath(servedMs);
    if (afterMs === undefined && !supervised.isAnyReady()) {
      giveUp(death, supervised);
      return;
    }
    supervised.log.error(factsOf(death), 'a worker died: another one starts in its place');
    const isOver = delay(afterMs ?? slowRestartMs, false, { signal }).catch(() => true);
    if (await isOver) return;
  }
}

/** While others answer, a place that cannot be filled is tried this often. */
const slowRestartMs = 10_000;

interface Started {
  readonly worker: Worker;
  /** Where it listens. */
  readonly url: Promise<string>;
  readonly death: Promise<Death>;
  readonly isReady: () => boolean;
}

function fork({ initWorker }: WorkersOptions): Started {
  const worker = cluster.fork();
  let readyAtMs: number | undefined;
  // A message to a worker that has gone is no error: its exit tells that it went.
  worker.on('error', () => undefined);
  closeWithWorker(worker);
  initWorker(worker);
  const death = new Promise<Death>((resolve) => {
    worker.once('exit', (status: number | null, signal: string | null) => {
      resolve({ id: worker.id, status, signal, readyAtMs });
    });
  });
  const url = new Promise<string>((resolve, reject) => {
    worker.on('message', (message: ClusterMessage) => {
      if (!('cluster' in message) || message.cluster !== 'ready') return;
      readyAtMs = performance.now();
      resolve(message.url);
    });
    void death.then(({ status, signal }) => {
      reject(new WorkerError(status, signal));
    });
  });
  // One that is started later has nobody who waits for it.
  url.catch(() => undefined);
  return { worker, url, death, isReady: () => readyAtMs !== undefined };
}

/**
 * Node hands each connection on as a handle, and closes its own only once the worker has said that it has it. The one
 * that is on its way to a worker that is killed would stay open for ever, without an answer.
 */
function closeWithWorker({ process: child }: Worker): void {
  let handed: unknown;
  const send = child.send.bind(child) as (...parts: unknown[]) => boolean;
  child.send = (...parts: unknown[]) => {
    handed = parts[1] ?? handed;
    return send(...parts);
  };
  child.once('exit', () => {
    if (isClosable(handed)) handed.close();
  });
}

/** A handle that is closed already takes no harm. */
function isClosable(handle: unknown): handle is { close(): void } {
  return typeof handle === 'object' && handle !== null && 'close' in handle;
}

function giveUp(death: Death, { log, ending, giveUp: end }: Supervised): void {
  ending.abort();
  log.error(
    factsOf(death),
    'workers die at once, again and again, and none is left: the service ends; what each said before it died tells why',
  );
  end(death.status);
}

function factsOf({ id, status, signal }: Death) {
  return { diedWorker: id, status, signal };
}

interface Restarts {
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

function createRestarts(now: () => number = () => performance.now()): Restarts {
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
