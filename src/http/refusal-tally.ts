/** Refusals of a flood, counted together: one line each in the log would be a flood of its own. */
import type { Log } from '../log.js';

export interface RefusalTally {
  /** Whether the request was counted here, so that it needs no line of its own. */
  takes(refusal: string | undefined, client: string): boolean;
  close(): void;
}

const floods = new Set<string | undefined>(['too-many-requests', 'overloaded', 'rate-limited']);
/** So many of one kind have lines of their own in each period. */
const alone = 10;
const periodMs = 10_000;
const mostClients = 20;

interface Count {
  requests: number;
  readonly clients: Set<string>;
}

export function createRefusalTally(log: Log): RefusalTally {
  const counts = new Map<string, Count>();
  const tell = () => {
    for (const [refusal, { requests, clients }] of counts) {
      if (requests <= alone) continue;
      log.warn(
        { refusal, requests: requests - alone, clients: [...clients] },
        'requests refused without a line of their own',
      );
    }
    counts.clear();
  };
  const timer = setInterval(tell, periodMs);
  timer.unref();
  return {
    takes: (refusal, client) => {
      if (refusal === undefined || !floods.has(refusal)) return false;
      const count = counts.get(refusal) ?? { requests: 0, clients: new Set() };
      counts.set(refusal, count);
      count.requests += 1;
      if (count.requests > alone && count.clients.size < mostClients) count.clients.add(client);
      return count.requests > alone;
    },
    close: () => {
      clearInterval(timer);
      tell();
    },
  };
}
