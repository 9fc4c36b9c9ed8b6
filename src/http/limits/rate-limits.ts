/** How many requests each consumer of a scheme may send in a while: by the contract's `x-rate-limit`, or a setting. */
import type { OpenApiDocument, RateLimit } from '../../contract/document.js';
import { problems } from '../../problem.js';

export interface RateLimits {
  /**
   * Counts a request.
   * @returns the headers of the answer; none where there is no limit
   * @throws Problem 429 past the limit
   */
  take(scheme: string, consumer: string): Readonly<Record<string, string>>;
}

interface Window {
  used: number;
  endsAtMs: number;
}

/** @param limit in place of every scheme's own; `off` for none */
export function createRateLimits(
  { components }: OpenApiDocument,
  limit: RateLimit | 'contract' | 'off',
  now: () => number = () => performance.now(),
): RateLimits {
  // Consumers are configured, so that there are never many windows.
  const windows = new Map<string, Window>();
  return {
    take: (scheme, consumer) => {
      const own = components.securitySchemes[scheme]?.['x-rate-limit'];
      const rule = limit === 'contract' ? own : limit;
      if (rule === undefined || rule === 'off') return {};
      const window = openWindow(windows, `${scheme} ${consumer}`, rule, now());
      const waitSeconds = Math.max(1, Math.ceil((window.endsAtMs - now()) / 1000));
      window.used += 1;
      const headers = headersOf(rule, window, waitSeconds);
      if (window.used > rule.requests) throw problems.rateLimited(waitSeconds, headers);
      return headers;
    },
  };
}

function openWindow(windows: Map<string, Window>, id: string, rule: RateLimit, nowMs: number) {
  const window = windows.get(id);
  if (window !== undefined && window.endsAtMs > nowMs) return window;
  const opened = { used: 0, endsAtMs: nowMs + rule.seconds * 1000 };
  windows.set(id, opened);
  return opened;
}

/** @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
function headersOf({ requests, seconds }: RateLimit, { used }: Window, waitSeconds: number) {
  return {
    'RateLimit-Policy': `"consumer";q=${requests};w=${seconds}`,
    RateLimit: `"consumer";r=${Math.max(0, requests - used)};t=${waitSeconds}`,
  };
}
