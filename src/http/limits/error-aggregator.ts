/** Refusals of a flood, counted together: one line each in the log would be a flood of its own. */
import type { Audit } from '../../audit/record-answer.js';
import type { Log } from '../../log.js';

export interface RefusalTally {
  /** Whether the request was counted here, so that it needs no line of its own. */
  takes(refusal: string, client: string): boolean;
  /** Counts a request that has no line of its own in any case. */
  count(refusal: string, client: string): void;
  close(): void;
}

/** So many of one kind have lines of their own in each period. */
const alone: Readonly<Record<string, number>> = {
  'too-many-requests': 10,
  'rate-limited': 10,
  overloaded: 10,
  'store-unavailable': 10,
  'keys-unavailable': 10,
  'audit-unavailable': 10,
  'not-http': 10,
  unauthorized: 100,
};
const periodMs = 10_000;
const mostClients = 20;

interface Count {
  requests: number;
  /** Those that have no line. */
  untold: number;
  readonly clients: Set<string>;
}

export function createRefusalTally(log: Log, audit?: Audit): RefusalTally {
  const counts = new Map<string, Count>();
  const countOf = (refusal: string) => {
    const count = counts.get(refusal) ?? { requests: 0, untold: 0, clients: new Set() };
    counts.set(refusal, count);
    return count;
  };
  const tell = () => {
    for (const [refusal, { untold, clients }] of counts) {
      if (untold === 0) continue;
      const facts = { refusal, requests: untold, clients: [...clients] };
      log.warn(facts, 'requests refused without a line of their own');
      audit?.record({ outcome: 'refused', ...facts }).catch(() => undefined);
    }
    counts.clear();
  };
  const timer = setInterval(tell, periodMs);
  timer.unref();
  return {
    takes: (refusal, client) => {
      const most = alone[refusal];
      if (most === undefined) return false;
      const count = countOf(refusal);
      count.requests += 1;
      if (count.requests > most) add(count, client);
      return count.requests > most;
    },
    count: (refusal, client) => {
      add(countOf(refusal), client);
    },
    close: () => {
      clearInterval(timer);
      tell();
    },
  };
}

function add(count: Count, client: string): void {
  count.untold += 1;
  if (count.clients.size < mostClients) count.clients.add(client);
}
