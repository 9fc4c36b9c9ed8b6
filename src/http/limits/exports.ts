/** Bounds of answers that stream a whole feed: so many at a time, and each for so long. */
import type { Log } from '../../log.js';
import { problems } from '../../problem.js';

export interface ExportLimits {
  readonly maxExports: number;
  readonly maxExportMs: number;
}

export interface Exports {
  /**
   * @param give gives the answer, and breaks it off where the signal says so
   * @throws Problem 503 where as many as may be are under way
   */
  run(requestId: string, give: (ends: AbortSignal) => Promise<void>): Promise<void>;
}

export function createExports({ maxExports, maxExportMs }: ExportLimits, log: Log): Exports {
  let running = 0;
  return {
    run: async (requestId, give) => {
      if (running >= maxExports) throw problems.tooManyExports();
      running += 1;
      const ending = new AbortController();
      const timer = setTimeout(() => {
        log.warn({ requestId, maxExportMs }, 'an export lasted too long and was broken off');
        ending.abort();
      }, maxExportMs);
      try {
        await give(ending.signal);
      } finally {
        clearTimeout(timer);
        running -= 1;
      }
    },
  };
}
