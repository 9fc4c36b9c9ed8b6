/** Counts the refusals of a flood together: one line each in the log would be a flood of its own. */
import type { Log } from '../../log.js';

export interface ErrorAggregator {
  /** Counts a refusal. @returns whether it needs no line of its own any more; of known consumers, only kinds that come in floods */
  takes(refusal: string, client: string, isUnknown?: boolean): boolean;
  /** Counts a refusal that has no line of its own in any case. */
  count(refusal: string, client: string): void;
  close(): void;
}

/** Refusals of one kind that had no line of their own. */
export interface AggregatedRefusals {
  readonly refusal: string;
  readonly requests: number;
  readonly clients: readonly string[];
}

/** So many of one kind have lines of their own in each period. */
const linesOfTheirOwn: Readonly<Record<string, number>> = {
  'too-many-requests': 10,
  'rate-limited': 10,
  overloaded: 10,
  'store-unavailable': 10,
  'keys-unavailable': 10,
  'audit-unavailable': 10,
  'not-http': 10,
  'internal-error': Infinity,
};
/** Of any other kind, to clients without a valid key. */
const linesOfUnknown = 100;
const periodMs = 10_000;
const mostClients = 20;

interface Count {
  requests: number;
  withoutLine: number;
  readonly clients: Set<string>;
}

/** @param report gets what the log gets, for the access audit */
export function createErrorAggregator(
  log: Log,
  report?: (refusals: AggregatedRefusals) => void,
): ErrorAggregator {
  const counts = new Map<string, Count>();
  const countOf = (refusal: string) => {
    const count = counts.get(refusal) ?? { requests: 0, withoutLine: 0, clients: new Set() };
    counts.set(refusal, count);
    return count;
  };
  const flush = () => {
    for (const [refusal, { withoutLine, clients }] of counts) {
      if (withoutLine === 0) continue;
      const facts = { refusal, requests: withoutLine, clients: [...clients] };
      log.warn(facts, 'requests refused without a line of their own');
      report?.(facts);
    }
    counts.clear();
  };
  const timer = setInterval(flush, periodMs);
  timer.unref();
  return {
    takes: (refusal, client, isUnknown = false) => {
      const most = linesOfTheirOwn[refusal] ?? (isUnknown ? linesOfUnknown : undefined);
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
      flush();
    },
  };
}

function add(count: Count, client: string): void {
  count.withoutLine += 1;
  if (count.clients.size < mostClients) count.clients.add(client);
}
