/** The published client of the service, for Node and browsers. */
import { type Api, type Fetch, createApi } from './api.js';
import type { ListReply, ListRequest } from './fetch-page.js';
import { followPages, followParts } from './follow.js';
import type { CollectionName, FollowOptions, KeySource, Page, Part, RecordOf } from './types.js';

export type { Api, GetReply } from './api.js';
export {
  HistoryEnded,
  KeyRefused,
  KeySourceFailed,
  type Problem,
  RequestRefused,
  ServiceUnavailable,
} from './errors.js';
export { retryWhileUnavailable } from './retry-policy.js';
export type {
  CollectionName,
  FollowOptions,
  KeySource,
  Page,
  Part,
  RecordOf,
  Retry,
} from './types.js';

export interface HospitalClientOptions {
  /** Where the service is, for example `https://api.hospital.example/v1`. */
  readonly url: string;
  readonly key: KeySource;
  /** Request compressed responses. They cost both ends time, so this is for slow links. A browser always does. */
  readonly compressed?: boolean;
  /** In place of the platform's own. */
  readonly fetch?: Fetch;
}

export interface HospitalClient {
  /** Every operation of the contract. */
  readonly api: Api;
  /**
   * The pages of a feed, for as long as you iterate; an empty one when nothing new came for a while.
   * @throws HistoryEnded, KeyRefused, KeySourceFailed, RequestRefused, ServiceUnavailable, or the reason of the signal
   */
  follow<Name extends CollectionName>(
    collection: Name,
    options?: FollowOptions,
  ): AsyncGenerator<Page<RecordOf<Name>>, never>;
  /** The same as bytes, for readers that pass them on; without `limit` in responses that hold all that is waiting. */
  followBytes(collection: CollectionName, options?: FollowOptions): AsyncGenerator<Part, never>;
}

export function createHospitalClient(options: HospitalClientOptions): HospitalClient {
  const api = createApi({
    url: new URL(options.url).href.replace(/\/$/, ''),
    key: options.key,
    fetch: options.fetch ?? ((request) => globalThis.fetch(request)),
    headers: options.compressed === true ? {} : { 'accept-encoding': 'identity' },
  });
  const list = async (
    { collection, query, headers, signal }: ListRequest,
    parseAs: 'json' | 'stream',
  ): Promise<ListReply & { readonly data?: unknown }> => {
    const path: `/${CollectionName}` = `/${collection}`;
    return api.GET(path, { params: { query }, headers, signal, parseAs });
  };
  return {
    api,
    follow: (collection, following = {}) =>
      followPages({ ...following, collection }, async (request) => {
        const reply = await list(request, 'json');
        // The service validates every record against the contract before it stores it.
        return { ...reply, items: (reply.data ?? []) as RecordOf<typeof collection>[] };
      }),
    followBytes: (collection, following = {}) =>
      followParts({ ...following, collection }, (request) => {
        const headers = { ...request.headers, accept: 'application/x-ndjson' };
        return list({ ...request, headers }, 'stream');
      }),
  };
}
