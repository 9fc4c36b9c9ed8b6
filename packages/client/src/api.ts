/** The operations of the contract as typed requests, each with the key of its collection. */
import { KeySourceFailed } from './errors.js';
import type { CollectionName, KeySource, paths } from './types.js';

export type Fetch = (request: Request) => Promise<Response>;

/** The paths that have a GET. */
type GetPath = {
  [Path in keyof paths]: paths[Path] extends { readonly get: object } ? Path : never;
}[keyof paths];

interface ParsedAs {
  readonly text: string;
  readonly blob: Blob;
  readonly arrayBuffer: ArrayBuffer;
  readonly stream: Response['body'];
}

/** What a response's body is read as. */
type ParseAs = 'json' | keyof ParsedAs;

type ParamsOf<Operation> = Operation extends { readonly parameters: infer Params } ? Params : never;

type Scalar = string | number | boolean | null | undefined;

type HeaderValues = Readonly<Record<string, Scalar>>;

type GetInit<Path extends GetPath, As extends ParseAs = ParseAs> = Omit<
  RequestInit,
  'method' | 'body' | 'headers'
> & {
  /** `json` without it. */
  readonly parseAs?: As;
  readonly headers?: RequestInit['headers'] | HeaderValues;
} & (HasOptionalParams<Path> extends true
    ? { readonly params?: ParamsOf<paths[Path]['get']> }
    : { readonly params: ParamsOf<paths[Path]['get']> });

type HasOptionalParams<Path extends GetPath> =
  Partial<ParamsOf<paths[Path]['get']>> extends ParamsOf<paths[Path]['get']> ? true : false;

/** The body with this status; never where the contract has no JSON for it. */
type JsonOf<Operation, Status> = Operation extends { readonly responses: infer Responses }
  ? Mutable<ContentOf<Responses[keyof Responses & Status]>>
  : never;

type ContentOf<Reply> = Reply extends { readonly content: infer Content }
  ? Content[keyof Content & ('application/json' | 'application/problem+json')]
  : never;

/** Bodies belong to whoever receives them. */
type Mutable<Value> = Value extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : Value extends object
    ? { -readonly [Name in keyof Value]: Mutable<Value[Name]> }
    : Value;

type ErrorStatus<Operation> = Operation extends { readonly responses: infer Responses }
  ? Exclude<keyof Responses, 200>
  : never;

export type GetReply<Path extends GetPath, As extends ParseAs> =
  | {
      readonly data: As extends keyof ParsedAs ? ParsedAs[As] : JsonOf<paths[Path]['get'], 200>;
      readonly error?: never;
      readonly response: Response;
    }
  | {
      readonly data?: never;
      readonly error: JsonOf<paths[Path]['get'], ErrorStatus<paths[Path]['get']>>;
      readonly response: Response;
    };

export interface Api {
  /**
   * One request, without retries: `GET('/patients/{patient_id}', { params: { path: … } })`. Of a refusal it gives the
   * problem as `error`.
   * @throws KeySourceFailed, or the error of fetch where no response comes
   */
  GET<Path extends GetPath, As extends ParseAs = 'json'>(
    path: Path,
    ...init: HasOptionalParams<Path> extends true
      ? [init?: GetInit<Path, As>]
      : [init: GetInit<Path, As>]
  ): Promise<GetReply<Path, As>>;
}

interface ApiOptions {
  /** The service's address, without a slash at its end. */
  readonly url: string;
  readonly key: KeySource;
  readonly fetch: Fetch;
  /** Sent with every request. */
  readonly headers: HeaderValues;
}

/** What every `GetInit` is to the code that sends it. */
interface AnyInit extends Omit<RequestInit, 'headers'> {
  readonly parseAs?: ParseAs;
  readonly headers?: RequestInit['headers'] | HeaderValues;
  readonly params?: {
    readonly path?: Readonly<Record<string, Scalar>>;
    readonly query?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
    readonly header?: HeaderValues;
  };
}

export function createApi({ url, key, fetch, headers: defaults }: ApiOptions): Api {
  const send = createKeyedFetch(key, fetch);
  const get = async (path: string, init: AnyInit = {}) => {
    const { params = {}, parseAs = 'json', headers, ...rest } = init;
    const request = new Request(`${url}${addressOf(path, params)}`, {
      // Following a redirect would carry the key to another host.
      ...{ redirect: 'error', ...rest },
      ...{ method: 'GET', headers: mergedHeaders(defaults, headers, params.header) },
    });
    const response = await send(request, collectionOf(path));
    if (!response.ok) return { error: await errorOf(response), response };
    return { data: await dataOf(response, parseAs), response };
  };
  // The contract's types say what each path takes and gives; here all paths are alike.
  return { GET: get as Api['GET'] };
}

function addressOf(template: string, { path = {}, query = {} }: NonNullable<AnyInit['params']>) {
  const address = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(path[name])),
  );
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((one) => one !== undefined && one !== null)
      .map((one) => `${name}=${encodeURIComponent(one)}`),
  );
  return pairs.length === 0 ? address : `${address}?${pairs.join('&')}`;
}

/** Later ones win; `null` removes a header, `undefined` leaves it as it is. */
function mergedHeaders(...sources: readonly AnyInit['headers'][]): Headers {
  const merged = new Headers();
  for (const source of sources) {
    const entries =
      source instanceof Headers || Array.isArray(source)
        ? [...source]
        : Object.entries(source ?? {});
    for (const [name = '', value] of entries) {
      if (value === null) merged.delete(name);
      else if (value !== undefined) merged.set(name, String(value));
    }
  }
  return merged;
}

async function dataOf(response: Response, parseAs: ParseAs): Promise<unknown> {
  if (parseAs === 'stream') return response.body;
  if (parseAs !== 'json') return response[parseAs]();
  const text = await response.text();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

/** A proxy in between may answer without JSON. */
async function errorOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Keeps a key until the service refuses it, then reads it anew, once a request. */
function createKeyedFetch(key: KeySource, fetch: Fetch) {
  const known = new Map<string, Promise<string>>();
  const read = (collection: CollectionName) => {
    const reading = readKey(key, collection);
    known.set(collection, reading);
    return reading;
  };
  return async (request: Request, collection: CollectionName | undefined): Promise<Response> => {
    if (collection === undefined) return fetch(request);
    const used = await (known.get(collection) ?? read(collection));
    const response = await fetch(withKey(request, used));
    if (response.status !== 401) return response;
    const renewed = await read(collection);
    if (renewed === used) return response;
    await response.body?.cancel();
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

/** First steps of the paths of the service itself, which need no key. */
const withoutKey = new Set(['', 'health', 'openapi.json', 'docs']);

function collectionOf(path: string): CollectionName | undefined {
  const [, first = ''] = path.split('/');
  // Every other path of the contract begins with a collection's name.
  return withoutKey.has(first) ? undefined : (first as CollectionName);
}
