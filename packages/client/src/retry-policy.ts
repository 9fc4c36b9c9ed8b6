/**
 * When a request is repeated. Waits double from a quarter of a second to half a minute, with jitter so that clients do
 * not come back all at once, and are never shorter than the service's Retry-After.
 */
import {
  HistoryEnded,
  KeyRefused,
  KeySourceFailed,
  RequestRefused,
  ServiceUnavailable,
} from './errors.js';
import type { CollectionName, RetryOptions } from './types.js';

/** A failure that a retry may get over. */
export interface TransientFailure {
  readonly reason: string;
  /** What the service asks to wait at least. */
  readonly retryAfterMs: number;
  readonly cause?: unknown;
}

export interface RetryPolicy {
  /** Waits before the next attempt. @throws ServiceUnavailable when the service was away for too long */
  wait(failure: TransientFailure): Promise<void>;
  /** The service answered: the next failure is the first one again. */
  reset(): void;
}

export type PolicyOptions = RetryOptions & { readonly collection: CollectionName };

const firstDelayMs = 250;
const maxDelayMs = 30_000;
/** A longer Retry-After is cut to this: the service may be back earlier. */
const maxRetryAfterMs = 300_000;
const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

export function createRetryPolicy(options: PolicyOptions): RetryPolicy {
  const { collection, signal, onRetry, giveUpAfterSeconds = Infinity } = options;
  let attempt = 0;
  let sinceMs = performance.now();
  return {
    wait: async ({ reason, retryAfterMs, cause }) => {
      attempt += 1;
      const delayMs = backoffMs(attempt) + Math.min(retryAfterMs, maxRetryAfterMs);
      const awayMs = performance.now() - sinceMs;
      if (awayMs + delayMs > giveUpAfterSeconds * 1000) {
        throw new ServiceUnavailable(`the service cannot answer (${reason})`, { cause });
      }
      onRetry?.({ collection, attempt, delayMs, reason });
      await sleep(delayMs, signal);
    },
    reset: () => {
      attempt = 0;
      sinceMs = performance.now();
    },
  };
}

/**
 * Repeats a request of `api` while the service cannot answer it.
 * @throws ServiceUnavailable, KeySourceFailed, or the reason of the signal
 */
export async function retryWhileUnavailable<Reply extends { readonly response: Response }>(
  request: () => Promise<Reply>,
  options: PolicyOptions,
): Promise<Reply> {
  const policy = createRetryPolicy(options);
  for (;;) {
    const reply = await request().catch((error: unknown) => failureOf(error, options.signal));
    if (!('response' in reply)) await policy.wait(reply);
    else if (!isTransient(reply.response)) return reply;
    else await policy.wait(failureOfResponse(reply.response));
  }
}

export function isTransient({ status }: Response): boolean {
  return transientStatuses.has(status);
}

export function failureOfResponse({ status, headers }: Response): TransientFailure {
  return { reason: String(status), retryAfterMs: retryAfterMsOf(headers, Date.now()) };
}

/** @throws the error itself where a retry would meet it again */
export function failureOf(error: unknown, signal: AbortSignal | undefined): TransientFailure {
  signal?.throwIfAborted();
  if (isFinal(error)) throw error;
  return { reason: reasonOf(error), retryAfterMs: 0, cause: error };
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

function backoffMs(attempt: number): number {
  const ceilingMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 10));
  return ceilingMs * (0.5 + Math.random() / 2);
}

/**
 * Retry-After holds seconds or a date.
 * @see RFC 9110 section 10.2.3
 */
function retryAfterMsOf(headers: Headers, nowMs: number): number {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowMs);
}

function isFinal(error: unknown): error is Error {
  return [HistoryEnded, KeyRefused, RequestRefused, KeySourceFailed].some(
    (known) => error instanceof known,
  );
}

/** Fetch says only that it failed; the reason is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
