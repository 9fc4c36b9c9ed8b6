/** A collection as a feed or, with filters, as a filtered query. */
import type { CollectionName, RecordOf } from '../contract/collections.js';
import {
  arrayText,
  type DisclosedRange,
  type Disclosure,
  type JsonText,
  type Ndjson,
  ndjson,
} from '../contract/operations.js';
import { positionOfTime, timeOfPosition } from '../contract/time.js';
import type { FeedRange, Slice } from '../feed/ndjson-export.js';
import type { Filter, Page, PageRequest } from '../feed/page.js';
import type { FeedReader } from '../feed/reading.js';
import { problems } from '../problem.js';
import { epochText, readCursor, writeCursor } from './cursor.js';

interface ListCall {
  readonly query: Filter & {
    readonly limit?: number;
    readonly cursor?: string;
    readonly updated_since?: string;
  };
  readonly rawQuery: Readonly<Record<string, string>>;
  readonly prefer: string | undefined;
  readonly accept: 'application/json' | 'application/x-ndjson';
  readonly signal: AbortSignal;
}

interface ListHeaders {
  readonly 'Next-Cursor'?: string;
  readonly Link?: string;
  readonly 'Feed-Epoch': string;
  readonly 'Feed-Position': string;
  readonly 'Preference-Applied'?: string;
  readonly 'Cache-Control': 'no-store';
}

type ListReply<Name extends CollectionName> =
  | {
      readonly status: 200;
      readonly headers: ListHeaders;
      readonly type: 'application/json';
      readonly body: JsonText<RecordOf<Name>[]>;
      readonly disclosed: Disclosure;
    }
  | {
      readonly status: 200;
      readonly headers: ListHeaders;
      readonly type: 'application/x-ndjson';
      readonly body: Ndjson<RecordOf<Name>>;
      readonly disclosed: Disclosure;
    };

export interface ListOptions {
  readonly store: Pick<FeedReader, 'page' | 'awaitedPage' | 'lines'>;
  /** The path under which clients see the service, empty for the root. */
  readonly publicPath: string;
}

/** Records on a page of JSON when the client names no limit. */
const defaultLimit = 100;

export function listOf<Name extends CollectionName>(
  collection: Name,
  { store, publicPath }: ListOptions,
) {
  const path = `${publicPath}/${collection}`;
  return async (call: ListCall): Promise<ListReply<Name>> => {
    const { query, accept } = call;
    const filter = filterOf(query);
    const start = startOf(collection, query, filter);
    const waitSeconds = waitOf(call, filter);
    const asLines = accept === 'application/x-ndjson';
    const wholeFeed = asLines && query.limit === undefined && isFeed(filter);
    const request = {
      ...{ collection, filter, after: start.position, epoch: start.epoch },
      limit: query.limit ?? (wholeFeed ? 1 : defaultLimit),
      form: asLines ? ('lines' as const) : ('array' as const),
    };
    const page = await (waitSeconds === undefined
      ? store.page(request)
      : store.awaitedPage(request, { waitMs: waitSeconds * 1000, signal: call.signal }));
    assertSameHistory(start, page, path);
    if (wholeFeed) {
      const { epoch, last } = page;
      const stretch = { collection, epoch, after: start.position, through: last };
      const headers = headersOf(
        { ...page, more: false },
        { collection, filter, call, path, waitSeconds },
      );
      const { body, disclosed } = streamOf(store.lines(stretch), stretch);
      return { status: 200, headers, type: accept, body: ndjson<Name>(body), disclosed };
    }
    const headers = headersOf(page, { collection, filter, call, path, waitSeconds });
    const disclosed = pageDisclosed(page, request);
    return asLines
      ? { status: 200, headers, type: accept, body: ndjson<Name>(page.body), disclosed }
      : { status: 200, headers, type: accept, body: arrayText<Name>(page.body), disclosed };
  };
}

function filterOf({ is_active, patient_id }: Filter): Filter {
  return {
    ...(is_active !== undefined && { is_active }),
    ...(patient_id !== undefined && { patient_id }),
  };
}

function isFeed(filter: Filter): boolean {
  return Object.keys(filter).length === 0;
}

interface Start {
  readonly position: number;
  /** The history that a cursor belongs to. */
  readonly epoch?: number;
}

/** Where to begin: a cursor wins over a time, since clients repeat their own parameters beside the link's. */
function startOf(collection: string, query: ListCall['query'], filter: Filter): Start {
  const { cursor, updated_since: since } = query;
  if (since !== undefined && !isFeed(filter)) {
    throw problems.invalidParameter([
      {
        parameter: 'updated_since',
        detail: `cannot stand beside ${Object.keys(filter).join(' and ')}: a filtered list is a look-up, which would never show a record leave it`,
      },
    ]);
  }
  if (cursor !== undefined) return readCursor(cursor, collection, filter);
  // No record stands at or before 0, where a feed without records ends.
  return { position: since === undefined ? 0 : Math.max(0, positionOfTime(since) - 1) };
}

/** How long the client would have an empty page held back; nothing when it asked for no wait. */
function waitOf({ prefer }: ListCall, filter: Filter): number | undefined {
  const seconds = preferredWait(prefer);
  if (seconds === undefined || isFeed(filter)) return seconds;
  const detail = `cannot ask for wait beside ${Object.keys(filter).join(' and ')}: a filtered list is a look-up and cannot be followed`;
  throw problems.invalidParameter([{ parameter: 'Prefer', detail }]);
}

function assertSameHistory({ position, epoch }: Start, page: Page, path: string): void {
  if (epoch !== undefined && (epoch !== page.epoch || position > page.last)) {
    throw problems.cursorExpired(path, epochText(page.epoch));
  }
}

interface ListContext {
  readonly collection: CollectionName;
  readonly filter: Filter;
  readonly call: ListCall;
  readonly path: string;
  readonly waitSeconds: number | undefined;
}

function headersOf(page: Page, context: ListContext): ListHeaders {
  const { call, path, waitSeconds } = context;
  const { cursor, headers } = placeHeaders(page, context);
  return {
    ...headers,
    ...(page.more && cursor !== undefined && { Link: nextLink(path, call.rawQuery, cursor) }),
    ...(waitSeconds !== undefined && { 'Preference-Applied': `wait=${waitSeconds}` }),
  };
}

type PlaceHeaders = ReturnType<typeof makePlaceHeaders>;

/** Readers that waited together are given one page, which says the same to each of them. */
const placesOfPages = new WeakMap<Page, PlaceHeaders>();

function placeHeaders(page: Page, context: ListContext): PlaceHeaders {
  const known = placesOfPages.get(page) ?? makePlaceHeaders(page, context);
  placesOfPages.set(page, known);
  return known;
}

function makePlaceHeaders(page: Page, { collection, filter }: ListContext) {
  const { more, end, last, epoch } = page;
  // Behind the last page a feed is followed from its newest position; a filtered query has nothing to follow.
  const position = more ? end : last;
  const cursor =
    more || isFeed(filter) ? writeCursor({ collection, epoch, position, filter }) : undefined;
  const headers = {
    ...(cursor !== undefined && { 'Next-Cursor': cursor }),
    'Feed-Epoch': epochText(epoch),
    'Feed-Position': timeOfPosition(last),
    'Cache-Control': 'no-store',
  } as const;
  return { cursor, headers };
}

/** Everything but the cursor is repeated as it was sent: clients compare it with what they would add themselves. */
function nextLink(path: string, rawQuery: ListCall['rawQuery'], cursor: string): string {
  const query = new URLSearchParams({ ...rawQuery, cursor });
  return `<${path}?${query.toString()}>; rel="next"`;
}

function pageDisclosed(page: Page, request: PageRequest): Disclosure {
  const { epoch, positions, records, end, last } = page;
  const { collection, filter, after } = request;
  return positions === undefined
    ? { collection, epoch, records, stretches: [[after, end, last]] }
    : { collection, epoch, records: positions.length, positions, filter };
}

/** The lines of slices, and what those that were read so far disclose. */
function streamOf(
  slices: AsyncIterable<Slice>,
  { collection, epoch, after, through }: FeedRange,
): { readonly body: AsyncIterable<Buffer>; readonly disclosed: Disclosure } {
  const stretches: DisclosedRange[] = [];
  let records = 0;
  const disclosed: Disclosure = {
    ...{ collection, epoch, stretches: [[after, through, through]] },
    given: () => ({ records, stretches }),
  };
  async function* body(): AsyncGenerator<Buffer> {
    for await (const slice of slices) {
      records += slice.records;
      append(stretches, slice);
      yield slice.lines;
    }
  }
  return { body: body(), disclosed };
}

/** Slices between which nothing changed are one range. */
function append(stretches: DisclosedRange[], { after, through, seen }: Slice): void {
  const [start = after, , seenBefore] = stretches.at(-1) ?? [];
  if (seenBefore === seen) stretches.splice(-1, 1, [start, through, seen]);
  else stretches.push([after, through, seen]);
}

/** Longer waits are cut down to this, which proxies and load balancers bear. */
const longestSeconds = 30;

const token = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
const value = String.raw`(?:${token}|"(?:[^"\\]|\\.)*")`;
/** One preference with its parameters, and what divides it from the next one; blanks were made single. */
const preference = new RegExp(
  `[ ,]*(${token})(?: ?= ?(${value}))?(?: ?;(?: ?${token}(?: ?= ?${value})?)?)* ?(?:,|$)`,
  'y',
);

/** @returns seconds, from the first `wait` that is there; nothing where there is none, or it is not a number */
function preferredWait(prefer: string | undefined): number | undefined {
  if (prefer === undefined) return undefined;
  const list = prefer.replaceAll(/[ \t]+/g, ' ');
  preference.lastIndex = 0;
  for (;;) {
    const [, name, text = ''] = preference.exec(list) ?? [];
    if (name === undefined) return undefined;
    if (name.toLowerCase() === 'wait') return secondsOf(text.replace(/^"(.*)"$/, '$1'));
  }
}

function secondsOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Math.min(Number(text), longestSeconds) : undefined;
}
