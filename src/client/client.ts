/** The published client of the service: `hospital-streaming-api/client`, for Node and browsers. */
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../../generated/api.js';
import type { ListAnswer, ListRequest } from './asking.js';
import type { FollowOptions } from './follow-options.js';
import { followParts } from './follow-bytes.js';
import { followPages } from './follow.js';
import { createKeyedFetch } from './keyed-fetch.js';
import type { CollectionName, KeySource, Page, Part, RecordOf, Writable } from './types.js';

export { HistoryEnded, KeyRefused, RequestRefused, ServiceUnavailable } from './faults.js';
export type { Problem } from './faults.js';
export type { FollowOptions, Retry } from './follow-options.js';
export { KeySourceFailed } from './keyed-fetch.js';
export type { CollectionName, KeySource, Page, Part, RecordOf } from './types.js';

/** What bodies are parsed as where nothing else is asked for. */
type Json = 'application/json' | 'application/problem+json';

export interface HospitalClientOptions {
  /** Where the service is, for example `https://api.hospital.example/v1`. */
  readonly url: string;
  readonly key: KeySource;
  /** Ask for compressed answers, which cost the time of both ends: for narrow lines. A browser asks for them anyway. */
  readonly compressed?: boolean;
  /** In place of the platform's own. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface HospitalClient {
  /** Every operation of the contract: `api.GET('/patients/{patient_id}', { params: … })`. */
  readonly api: Client<Writable<paths>, Json>;
  /**
   * The pages of a feed, for as long as they are asked for; an empty one when nothing new came for a while.
   * @throws HistoryEnded, KeyRefused, RequestRefused, ServiceUnavailable, or the reason of the signal
   */
  follow<Name extends CollectionName>(
    collection: Name,
    options?: FollowOptions,
  ): AsyncGenerator<Page<RecordOf<Name>>, never>;
  /** The same as bytes, for readers that pass them on; without `limit` in answers that hold all that is waiting. */
  followBytes(collection: CollectionName, options?: FollowOptions): AsyncGenerator<Part, never>;
}

export function createHospitalClient(options: HospitalClientOptions): HospitalClient {
  const url = new URL(options.url).href.replace(/\/$/, '');
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const fetch = createKeyedFetch({ url, key: options.key, fetch: send });
  const headers = options.compressed === true ? {} : { 'accept-encoding': 'identity' };
  // Followed, a redirect would carry the key to another host.
  const api = createClient<Writable<paths>, Json>({
    baseUrl: url,
    fetch,
    headers,
    redirect: 'error',
  });
  const list = async (
    request: ListRequest,
    init: object,
  ): Promise<ListAnswer & { readonly data?: unknown }> => {
    const { collection, query, headers, signal } = request;
    const params = { query: { ...query } };
    const path: `/${CollectionName}` = `/${collection}`;
    return api.GET(path, { params, headers, signal, ...init });
  };
  return {
    api,
    follow: (collection, following = {}) =>
      followPages({ ...following, collection }, async (request) => {
        const answer = await list(request, {});
        // The service holds every record that it sends against the contract.
        return { ...answer, items: (answer.data ?? []) as RecordOf<typeof collection>[] };
      }),
    followBytes: (collection, following = {}) =>
      followParts({ ...following, collection }, (request) => {
        const headers = { ...request.headers, accept: 'application/x-ndjson' };
        return list({ ...request, headers }, { parseAs: 'stream' });
      }),
  };
}
