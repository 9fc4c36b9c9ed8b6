/** One page of a feed, requested until the service answers. */
import { HistoryEnded, KeyRefused, type Problem, RequestRefused } from './errors.js';
import {
  type RetryPolicy,
  type TransientFailure,
  failureOf,
  failureOfResponse,
  isTransient,
} from './retry-policy.js';
import type { CollectionName, FeedOptions } from './types.js';

export interface ListRequest {
  readonly collection: CollectionName;
  readonly query: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface ListReply {
  readonly response: Response;
  readonly error?: unknown;
}

export type SendList<Reply extends ListReply> = (request: ListRequest) => Promise<Reply>;

/** What the headers of a list say of the feed. */
export interface FeedHeaders {
  /** The position behind the page. */
  readonly cursor: string;
  readonly more: boolean;
  readonly epoch: string;
  readonly position: string;
  /** Whether the service says that it held the page back. */
  readonly waited: boolean;
}

export interface FetchedPage<Reply> {
  readonly reply: Reply;
  readonly feed: FeedHeaders;
  /** Paused; whoever has read the body ends it. */
  readonly deadline: Deadline;
}

interface PageFetch<Reply extends ListReply> {
  readonly options: FeedOptions;
  readonly send: SendList<Reply>;
  readonly waitSeconds: number;
  readonly policy: RetryPolicy;
}

/** Beyond the time that the service may hold a page back. */
const replyTimeoutMs = 30_000;

/** @throws HistoryEnded, KeyRefused, RequestRefused, ServiceUnavailable, or the reason of the signal */
export async function fetchPage<Reply extends ListReply>(
  fetching: PageFetch<Reply>,
): Promise<FetchedPage<Reply>> {
  for (;;) {
    const { signal } = fetching.options;
    signal?.throwIfAborted();
    const deadline = createDeadline(signal);
    let isAnswered = false;
    try {
      const fetched = await attempt(fetching, deadline);
      isAnswered = 'feed' in fetched;
      if ('feed' in fetched) return { ...fetched, deadline };
      await fetching.policy.wait(fetched);
    } finally {
      if (isAnswered) deadline.pause();
      else deadline.end();
    }
  }
}

async function attempt<Reply extends ListReply>(
  { options, send, waitSeconds }: PageFetch<Reply>,
  deadline: Deadline,
): Promise<Omit<FetchedPage<Reply>, 'deadline'> | TransientFailure> {
  const { collection, signal } = options;
  deadline.start(waitSeconds * 1000 + replyTimeoutMs);
  try {
    const reply = await send({
      collection,
      query: queryOf(options),
      headers: waitSeconds > 0 ? { prefer: `wait=${waitSeconds}` } : {},
      signal: deadline.signal,
    });
    const { response, error } = reply;
    if (response.ok) return { reply, feed: feedHeadersOf(response) };
    if (!isTransient(response)) throw refusalOf(collection, response, error);
    return failureOfResponse(response);
  } catch (error) {
    return failureOf(error, signal);
  }
}

function queryOf({ cursor, updatedSince, limit }: FeedOptions): ListRequest['query'] {
  const from = updatedSince === undefined ? {} : { updated_since: updatedSince };
  return { ...(limit !== undefined && { limit }), ...(cursor === undefined ? from : { cursor }) };
}

function refusalOf(collection: string, { status, headers }: Response, body: unknown): Error {
  if (status === 401) return new KeyRefused(collection);
  if (status === 410) return new HistoryEnded(headers.get('feed-epoch') ?? undefined);
  // A proxy in between may answer with something else.
  const isProblem = typeof body === 'object' && body !== null && 'detail' in body;
  return new RequestRefused(status, isProblem ? (body as Problem) : undefined);
}

function feedHeadersOf({ status, headers }: Response): FeedHeaders {
  const header = (name: string): string => {
    const value = headers.get(name);
    if (value !== null) return value;
    throw new RequestRefused(status, {
      ...{ type: 'about:blank', title: 'Not a feed', status },
      detail: `no ${name} came with it: a proxy removed it, or CORS hides it from this page`,
    });
  };
  return {
    cursor: header('next-cursor'),
    more: /;\s*rel="?next"?/.test(headers.get('link') ?? ''),
    epoch: header('feed-epoch'),
    position: header('feed-position'),
    waited: /\bwait=/.test(headers.get('preference-applied') ?? ''),
  };
}

/** Where a feed is to go on, as far as it is known. */
export type ResumePoint = Pick<FeedOptions, 'cursor' | 'updatedSince' | 'epoch'>;

/**
 * The service itself refuses a cursor of another history. A time it accepts whatever it is: where the feed has not
 * reached that time yet, the store was restored to an earlier state.
 * @throws HistoryEnded
 */
export function assertSameHistory(from: ResumePoint, feed: FeedHeaders): void {
  const { cursor, updatedSince, epoch } = from;
  if (epoch === undefined) return;
  const isAhead =
    cursor === undefined &&
    updatedSince !== undefined &&
    Date.parse(updatedSince) > Date.parse(feed.position);
  if (epoch !== feed.epoch || isAhead) throw new HistoryEnded(feed.epoch);
}

/** A signal that aborts with another one, or when a response does not come in time. */
export interface Deadline {
  readonly signal: AbortSignal;
  start(ms: number): void;
  /** Until the next start. */
  pause(): void;
  /** For good: it no longer listens to the other signal. */
  end(): void;
}

function createDeadline(outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = () => {
    controller.abort(outer?.reason);
  };
  const pause = () => {
    clearTimeout(timer);
  };
  outer?.addEventListener('abort', abort);
  if (outer?.aborted === true) abort();
  return {
    signal: controller.signal,
    start: (ms) => {
      pause();
      timer = setTimeout(() => {
        controller.abort(new Error(`nothing came for ${ms / 1000} s`));
      }, ms);
    },
    pause,
    end: () => {
      pause();
      outer?.removeEventListener('abort', abort);
    },
  };
}
