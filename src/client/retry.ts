/** When to ask again: waits that grow, differ from client to client, and are never shorter than the service asks. */

const firstDelayMs = 250;
const longestDelayMs = 30_000;
/** A service may ask for more patience than this; the client looks in between. */
const longestAskedMs = 300_000;

/** Answers that asking again may change. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

export function isPassing(status: number): boolean {
  return passing.has(status);
}

/**
 * @param attempt 1 after the first failure
 * @param random from 0 to 1
 */
export function delayMsOf(attempt: number, askedMs: number, random: () => number): number {
  const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 10));
  return Math.min(askedMs, longestAskedMs) + ceiling * (0.5 + random() / 2);
}

/**
 * Milliseconds that the answer asks to wait: seconds, or a date.
 * @see RFC 9110 section 10.2.3
 */
export function askedMsOf(headers: Headers, nowMs: number): number {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowMs);
}

/** @throws the signal's reason as soon as it is aborted */
export async function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, delayMs);
    signal?.addEventListener('abort', wake);
  });
  signal?.throwIfAborted();
}
