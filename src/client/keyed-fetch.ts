/** Requests with the key of the collection that they ask for. */
import type { CollectionName, KeySource } from './types.js';

type Fetch = (request: Request) => Promise<Response>;

/** The source of keys failed; asking the service again would not help. */
export class KeySourceFailed extends Error {
  override readonly name = 'KeySourceFailed';
}

interface KeyedFetchOptions {
  /** The service's address, without a closing slash. */
  readonly url: string;
  readonly key: KeySource;
  readonly fetch: Fetch;
}

/** A key is kept until it is refused; then it is asked for anew, once for each request. */
export function createKeyedFetch({ url, key, fetch }: KeyedFetchOptions): Fetch {
  const known = new Map<string, Promise<string>>();
  const ask = (collection: CollectionName) => {
    const asked = readKey(key, collection);
    known.set(collection, asked);
    return asked;
  };
  return async (request) => {
    const collection = collectionOf(request.url, url);
    if (collection === undefined) return fetch(request);
    const used = await (known.get(collection) ?? ask(collection));
    const answer = await fetch(withKey(request, used));
    if (answer.status !== 401) return answer;
    const renewed = await ask(collection);
    if (renewed === used) return answer;
    await answer.body?.cancel();
    return fetch(withKey(request, renewed));
  };
}

async function readKey(key: KeySource, collection: CollectionName): Promise<string> {
  try {
    return await key(collection);
  } catch (error) {
    throw new KeySourceFailed(`no key of ${collection} can be had`, { cause: error });
  }
}

function withKey(request: Request, key: string): Request {
  const headers = new Headers(request.headers);
  headers.set('x-api-key', key);
  return new Request(request, { headers });
}

/** Paths of the service itself, such as `/health/ready`, come here too: they need no key. */
const withoutKey = new Set(['health', 'openapi.json', 'docs']);

function collectionOf(requested: string, url: string): CollectionName | undefined {
  const [first = ''] = requested.slice(url.length + 1).split(/[/?]/);
  // Every other path of the contract begins with a collection's name.
  return withoutKey.has(first) ? undefined : (first as CollectionName);
}
