/** Lets only so much work in at a time: what is beyond is refused at once, before it costs anything. */
import type { RequestListener } from 'node:http';
import type { OpenApiDocument } from '../../contract/document.js';
import { problems } from '../../problem.js';
import { createRefusedReaders } from './backpressure.js';
import { createTurns } from './concurrency-limiter.js';
import type { RefuseEarly } from './refuse-early.js';

export interface AdmissionOptions {
  /** Operations under way at a time, but those that wait for news. */
  readonly maxInFlight: number;
  /** How late the event loop may be, twice in a row, before nothing more is let in. */
  readonly maxEventLoopDelayMs: number;
  readonly document: OpenApiDocument;
  readonly refuse: RefuseEarly;
}

export interface Admission {
  /** Refuses before anything is read of a request but its path. */
  guard(app: RequestListener): RequestListener;
  /** From now on each answer ends its connection. */
  end(): void;
  /** @throws Problem 503 when there is no room */
  run<Result>(work: () => Result | Promise<Result>): Promise<Result>;
}

const tickMs = 20;

export function createAdmission(options: AdmissionOptions): Admission {
  const { maxInFlight, maxEventLoopDelayMs, refuse } = options;
  const open = openPaths(options.document);
  const turns = createTurns(maxInFlight);
  let isEnding = false;
  // One late tick alone is a pause that has passed: a collection of garbage, or an instance that had no processor.
  let delaysMs = [0, 0];
  let dueAtMs = performance.now() + tickMs;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    delaysMs = [...delaysMs.slice(1), nowMs - dueAtMs];
    dueAtMs = nowMs + tickMs;
  }, tickMs);
  timer.unref();
  const isFull = () => turns.isFull() || Math.min(...delaysMs) > maxEventLoopDelayMs;
  const refused = createRefusedReaders(() => !isFull());
  return {
    guard: (app) => (request, response) => {
      if (isEnding) response.shouldKeepAlive = false;
      if (isFull() && !open.has(pathOf(request.url ?? ''))) {
        refused.holdBack(response);
        refuse(request, response, problems.overloaded());
      } else app(request, response);
    },
    end: () => {
      isEnding = true;
    },
    run: (work) => turns.run(work),
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
