/** A feed page after page: long polls where the service does, asks again where it cannot answer, and misses nothing. */
import {
  HistoryEnded,
  KeyRefused,
  type Problem,
  RequestRefused,
  ServiceUnavailable,
} from './faults.js';
import { KeySourceFailed } from './keyed-fetch.js';
import { askedMsOf, delayMsOf, isPassing, sleep } from './retry.js';
import type { CollectionName, Page } from './types.js';

export interface FollowOptions {
  /** Go on behind this position, a `cursor` of a page; from the start of the feed without it. */
  readonly cursor?: string | undefined;
  /** The history that `cursor` belongs to. */
  readonly epoch?: string | undefined;
  /** Begin with what changed at this time or later, RFC 3339, where no cursor is known. */
  readonly updatedSince?: string | undefined;
  /** Records on a page, at most 1000. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
  /** How long the service may hold an empty page back; 0 asks for none. */
  readonly waitSeconds?: number;
  /** The pause after an empty page that was not held back. */
  readonly pollSeconds?: number;
  /** Give up when the service was away for so long; never without it. */
  readonly giveUpAfterSeconds?: number | undefined;
  /** Told before each wait for a service that cannot answer. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface Retry {
  readonly collection: CollectionName;
  /** 1 at the first failure in a row. */
  readonly attempt: number;
  readonly delayMs: number;
  /** A status, or what the connection met. */
  readonly reason: string;
}

export interface ListRequest {
  readonly collection: CollectionName;
  readonly query: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface ListAnswer {
  readonly response: Response;
  readonly data?: unknown;
  readonly error?: unknown;
}

type Following = FollowOptions & { readonly collection: CollectionName };
type Ask<Item> = (
  request: ListRequest,
) => Promise<ListAnswer & { readonly items: readonly Item[] }>;

const longestWaitSeconds = 30;
/** Beyond the time that the service may hold a page back. */
const answerWithinMs = 30_000;

export async function* followPages<Item>(
  following: Following,
  ask: Ask<Item>,
): AsyncGenerator<Page<Item>, never> {
  const { waitSeconds = longestWaitSeconds, pollSeconds = 5, signal } = following;
  let { cursor, epoch } = following;
  let wait = 0;
  for (;;) {
    const started = performance.now();
    const { page, held } = await askUntilAnswered({ ...following, cursor }, ask, wait);
    if (epoch !== undefined && page.epoch !== epoch) throw new HistoryEnded(page.epoch);
    ({ cursor, epoch } = page);
    yield page;
    // A service that says it held the page back, and did not, is not asked again without a pause.
    const wasHeld = held && performance.now() - started > 500;
    const cameInVain = wait > 0 && page.records.length === 0 && !wasHeld;
    wait = page.more ? 0 : waitSeconds;
    if (cameInVain || (!page.more && wait === 0)) await sleep(pollSeconds * 1000, signal);
  }
}

interface Answered<Item> {
  readonly page: Page<Item>;
  readonly held: boolean;
}

async function askUntilAnswered<Item>(
  following: Following,
  ask: Ask<Item>,
  waitSeconds: number,
): Promise<Answered<Item>> {
  const { collection, signal, onRetry, giveUpAfterSeconds = Infinity } = following;
  const started = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const asked = await askOnce(following, ask, waitSeconds);
    if (asked.kind === 'answered') return asked;
    const { reason, askedMs } = asked;
    const delayMs = delayMsOf(attempt, askedMs, Math.random);
    const waitedMs = performance.now() - started;
    if (waitedMs + delayMs > giveUpAfterSeconds * 1000) {
      throw new ServiceUnavailable(`the service cannot answer (${reason})`, { cause: asked.cause });
    }
    onRetry?.({ collection, attempt, delayMs, reason });
    await sleep(delayMs, signal);
  }
}

type Asked<Item> =
  | ({ readonly kind: 'answered' } & Answered<Item>)
  | {
      readonly kind: 'again';
      readonly reason: string;
      readonly askedMs: number;
      readonly cause?: unknown;
    };

async function askOnce<Item>(
  following: Following,
  ask: Ask<Item>,
  waitSeconds: number,
): Promise<Asked<Item>> {
  const { collection, signal } = following;
  const deadline = AbortSignal.timeout(waitSeconds * 1000 + answerWithinMs);
  try {
    const answer = await ask({
      collection,
      query: queryOf(following),
      headers: waitSeconds > 0 ? { prefer: `wait=${waitSeconds}` } : {},
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    const { response, items, error } = answer;
    if (response.ok) return { kind: 'answered', ...answered(response, items) };
    if (!isPassing(response.status)) throw refusalOf(collection, response, error);
    const askedMs = askedMsOf(response.headers, Date.now());
    return { kind: 'again', reason: String(response.status), askedMs };
  } catch (error) {
    signal?.throwIfAborted();
    if (isFinal(error)) throw error;
    return { kind: 'again', reason: reasonOf(error), askedMs: 0, cause: error };
  }
}

function queryOf({ cursor, updatedSince, limit = 1000 }: Following): ListRequest['query'] {
  if (cursor !== undefined) return { limit, cursor };
  return updatedSince === undefined ? { limit } : { limit, updated_since: updatedSince };
}

function answered<Item>(response: Response, records: readonly Item[]): Answered<Item> {
  const header = (name: string): string => {
    const value = response.headers.get(name);
    if (value !== null) return value;
    throw new RequestRefused(response.status, {
      ...{ type: 'about:blank', title: 'Not a feed', status: response.status },
      detail: `no ${name} came with it: a proxy took it away, or it is no header that this page may read`,
    });
  };
  const page = {
    records,
    cursor: header('next-cursor'),
    more: /;\s*rel="?next"?/.test(response.headers.get('link') ?? ''),
    epoch: header('feed-epoch'),
    position: header('feed-position'),
  };
  return { page, held: /\bwait=/.test(response.headers.get('preference-applied') ?? '') };
}

function refusalOf(collection: string, { status, headers }: Response, body: unknown): Error {
  if (status === 401) return new KeyRefused(collection);
  if (status === 410) return new HistoryEnded(headers.get('feed-epoch') ?? undefined);
  // Whatever else stands between may answer without one.
  const isProblem = typeof body === 'object' && body !== null && 'detail' in body;
  return new RequestRefused(status, isProblem ? (body as Problem) : undefined);
}

function isFinal(error: unknown): boolean {
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
