/** One request of a feed, asked until the service answers it. */
import { type Deadline, createDeadline } from './deadline.js';
import { HistoryEnded, KeyRefused, type Problem, RequestRefused } from './faults.js';
import type { Following } from './follow-options.js';
import { type Head, headOf } from './head.js';
import { KeySourceFailed } from './keyed-fetch.js';
import type { Failure, Patience } from './patience.js';
import { askedMsOf, isPassing } from './retry.js';

export interface ListRequest {
  readonly collection: Following['collection'];
  readonly query: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface ListAnswer {
  readonly response: Response;
  readonly error?: unknown;
}

export type Ask<Answer extends ListAnswer> = (request: ListRequest) => Promise<Answer>;

export interface Answered<Answer> {
  readonly answer: Answer;
  readonly head: Head;
  /** Paused; whoever has read the answer ends it. */
  readonly deadline: Deadline;
}

interface Asking<Answer extends ListAnswer> {
  readonly following: Following;
  readonly ask: Ask<Answer>;
  readonly waitSeconds: number;
  readonly patience: Patience;
}

/** Beyond the time that the service may hold a page back. */
const answerWithinMs = 30_000;

/** @throws KeyRefused, RequestRefused, ServiceUnavailable, or the reason of the signal */
export async function askUntilAnswered<Answer extends ListAnswer>(
  asking: Asking<Answer>,
): Promise<Answered<Answer>> {
  for (;;) {
    asking.following.signal?.throwIfAborted();
    const deadline = createDeadline(asking.following.signal);
    let isAnswered = false;
    try {
      const asked = await askOnce(asking, deadline);
      isAnswered = 'head' in asked;
      if ('head' in asked) return { ...asked, deadline };
      await asking.patience.wait(asked);
    } finally {
      if (isAnswered) deadline.pause();
      else deadline.end();
    }
  }
}

async function askOnce<Answer extends ListAnswer>(
  { following, ask, waitSeconds }: Asking<Answer>,
  deadline: Deadline,
): Promise<Omit<Answered<Answer>, 'deadline'> | Failure> {
  deadline.start(waitSeconds * 1000 + answerWithinMs);
  try {
    const answer = await ask({
      collection: following.collection,
      query: queryOf(following),
      headers: waitSeconds > 0 ? { prefer: `wait=${waitSeconds}` } : {},
      signal: deadline.signal,
    });
    const { response, error } = answer;
    if (response.ok) return { answer, head: headOf(response) };
    if (!isPassing(response.status)) throw refusalOf(following.collection, response, error);
    return passingFailure(response);
  } catch (error) {
    return failureOf(error, following.signal);
  }
}

/** An answer that asking again may change. */
export function passingFailure({ status, headers }: Response): Failure {
  return { reason: String(status), askedMs: askedMsOf(headers, Date.now()) };
}

/** @throws what asking again does not change */
export function failureOf(error: unknown, signal: AbortSignal | undefined): Failure {
  signal?.throwIfAborted();
  if (isFinal(error)) throw error;
  return { reason: reasonOf(error), askedMs: 0, cause: error };
}

function queryOf({ cursor, updatedSince, limit }: Following): ListRequest['query'] {
  const from = updatedSince === undefined ? {} : { updated_since: updatedSince };
  return { ...(limit !== undefined && { limit }), ...(cursor === undefined ? from : { cursor }) };
}

function refusalOf(collection: string, { status, headers }: Response, body: unknown): Error {
  if (status === 401) return new KeyRefused(collection);
  if (status === 410) return new HistoryEnded(headers.get('feed-epoch') ?? undefined);
  // Whatever else stands between may answer without one.
  const isProblem = typeof body === 'object' && body !== null && 'detail' in body;
  return new RequestRefused(status, isProblem ? (body as Problem) : undefined);
}

function isFinal(error: unknown): error is Error {
  return [HistoryEnded, KeyRefused, RequestRefused, KeySourceFailed].some(
    (known) => error instanceof known,
  );
}

/** Fetch says only that it failed; why stands in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
