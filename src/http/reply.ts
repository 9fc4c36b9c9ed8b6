/** Writes an operation's answer, or a refusal, to the client. */
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import Negotiator from 'negotiator';
import {
  type Disclosure,
  isStream,
  isText,
  StoredText,
  type Text,
} from '../contract/operations.js';
import type { Problem } from '../problem.js';
import type { RequestContext } from './request.js';
import { pagePolicyOf } from './response-headers.js';

/** Any operation's reply; the contract's types say which are right for which operation. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly type: string;
  readonly body: unknown;
  /** Of operations that need a key. */
  readonly disclosed?: Disclosure;
}

type Response = RequestContext['response'];

/** @param signal breaks off an answer that streams */
export async function writeReply(
  { response, headers, method }: RequestContext,
  reply: Reply,
  signal?: AbortSignal,
): Promise<void> {
  response.status(reply.status);
  response.setHeader('Content-Type', reply.type);
  if (reply.type === 'text/html') {
    response.setHeader('Content-Security-Policy', pagePolicyOf(String(reply.body)));
  }
  for (const [name, value] of Object.entries(reply.headers)) {
    if (value !== undefined) response.setHeader(name, value);
  }
  const matched = matchedTag(reply.headers.ETag, headers['if-none-match']);
  if (matched !== undefined) {
    writeNotModified(response, matched);
    return;
  }
  const coding = codingFor(headers['accept-encoding']);
  if (isStream(reply.body)) {
    // The body of HEAD is never begun.
    if (method === 'HEAD') response.end();
    else await writeStream(response, reply.body, { coding, signal });
    return;
  }
  const text = isText(reply.body) ? reply.body : JSON.stringify(reply.body);
  if (coding === undefined) writeText(response, text);
  else await writeCoded(response, bytesOf(text), coding);
}

function writeNotModified(response: Response, etag: string): void {
  response.removeHeader('Content-Type');
  response.setHeader('ETag', etag);
  response.status(304).end();
}

export function writeProblem({ response, requestId }: RequestContext, problem: Problem): void {
  response.status(problem.status);
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
  writeText(response, JSON.stringify(problemBody(problem, requestId)));
}

export function problemBody(problem: Problem, requestId: string) {
  const { slug, title, status, message, errors } = problem;
  return {
    type: `/docs#section/Errors/${slug}`,
    title,
    status,
    detail: message,
    instance: `urn:request:${requestId}`,
    ...(errors && { errors }),
  };
}

/** Node leaves the body away where the request was HEAD. */
function writeText(response: Response, text: Text): void {
  if (text instanceof StoredText) {
    response.setHeader('Content-Length', text.length);
    response.end(text.bytes, 'latin1');
  } else {
    response.setHeader('Content-Length', Buffer.byteLength(text));
    response.end(text);
  }
}

async function writeCoded(response: Response, bytes: Buffer, coding: Coding): Promise<void> {
  const isCoded = bytes.length >= leastCodedBytes;
  const body = isCoded ? await coding.whole(bytes) : bytes;
  if (isCoded) announce(response, coding);
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

/** The same version in other bytes: its tag is weak (RFC 9110 section 8.8.1). */
function announce(response: Response, { name }: Coding): void {
  const etag = response.getHeader('ETag');
  if (etag !== undefined) response.setHeader('ETag', `W/${String(etag)}`);
  response.setHeader('Content-Encoding', name);
}

interface Streaming {
  readonly coding: Coding | undefined;
  readonly signal: AbortSignal | undefined;
}

async function writeStream(
  response: Response,
  chunks: AsyncIterable<Buffer>,
  { coding, signal }: Streaming,
): Promise<void> {
  // Read before the answer begins: a store that fails is still a refusal, and what is tiny is known.
  const rest = chunks[Symbol.asyncIterator]();
  const first = await rest.next();
  const source = Readable.from(continued(first, rest), { objectMode: false });
  const isCoded = first.done !== true && first.value.length >= leastCodedBytes;
  try {
    // Broken off, the response is destroyed: its chunked body does not end, so that the client sees it.
    const options = { ...(signal && { signal }) };
    if (coding === undefined || !isCoded) await pipeline(source, response, options);
    else {
      announce(response, coding);
      await pipeline(source, coding.stream(), response, options);
    }
  } catch (error) {
    // The access log has a client that went away as aborted.
    if (!isGone(error) && signal?.aborted !== true) throw error;
  }
}

async function* continued(
  first: IteratorResult<Buffer>,
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    for (let step = first; step.done !== true; step = await rest.next()) yield step.value;
  } finally {
    await rest.return?.();
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function bytesOf(text: Text): Buffer {
  return text instanceof StoredText ? text.toBuffer() : Buffer.from(text);
}

interface Coding {
  /** As `Content-Encoding` names it. */
  readonly name: string;
  whole(bytes: Buffer): Promise<Buffer>;
  /** Each chunk that goes in comes out whole, so that a reader has its lines at once. */
  stream(): Transform;
}

/** Smaller answers fit into one packet uncompressed. */
const leastCodedBytes = 1_024;
const chunkSize = 65_536;

// The quick levels: records repeat so much of each other that slower ones gain next to nothing (docs/adr/0019).
const { constants } = zlib;
const brotli = { chunkSize, params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const gzip = { chunkSize, level: 3 };

/** The best comes first, for clients that take several alike. */
const codings = new Map<string, Coding>(
  [
    ...zstd(),
    {
      name: 'br',
      whole: (bytes: Buffer) => promisify(zlib.brotliCompress)(bytes, brotli),
      stream: () =>
        zlib.createBrotliCompress({ ...brotli, flush: constants.BROTLI_OPERATION_FLUSH }),
    },
    {
      name: 'gzip',
      whole: (bytes: Buffer) => promisify(zlib.gzip)(bytes, gzip),
      stream: () => zlib.createGzip({ ...gzip, flush: constants.Z_SYNC_FLUSH }),
    },
  ].map((coding) => [coding.name, coding]),
);
const preferred = [...codings.keys(), 'identity'];

/** What the types of the oldest Node do not have. */
interface Zstd {
  readonly zstdCompress?: (
    bytes: Buffer,
    options: object,
    done: (error: Error | null, coded: Buffer) => void,
  ) => void;
  readonly createZstdCompress?: (options: object) => Transform;
  readonly constants: {
    readonly ZSTD_c_compressionLevel?: number;
    readonly ZSTD_e_flush?: number;
  };
}

/** From Node 22.15 and 23.8 on. */
function zstd(): readonly Coding[] {
  const { zstdCompress, createZstdCompress, constants: names } = zlib as Zstd;
  if (zstdCompress === undefined || createZstdCompress === undefined) return [];
  const options = { chunkSize, params: { [names.ZSTD_c_compressionLevel ?? 0]: 1 } };
  return [
    {
      name: 'zstd',
      whole: (bytes) => promisify(zstdCompress)(bytes, options),
      stream: () => createZstdCompress({ ...options, flush: names.ZSTD_e_flush }),
    },
  ];
}

/** @returns nothing where the client asks for none, or for none that there is */
function codingFor(acceptEncoding: string | string[] | undefined): Coding | undefined {
  if (acceptEncoding === undefined) return undefined;
  const negotiator = new Negotiator({ headers: { 'accept-encoding': String(acceptEncoding) } });
  // Its types do not know the second argument yet: what to take of several that the client likes alike.
  const encodings = negotiator.encodings.bind(negotiator) as (
    available: readonly string[],
    options: { readonly preferred: readonly string[] },
  ) => string[];
  return codings.get(encodings(preferred, { preferred })[0] ?? '');
}

/** Each tag as it was sent, and its opaque part: RFC 9110 section 13.1.2 asks for the weak comparison. */
const tags = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/**
 * Not Express's `fresh`, which says no beside `Cache-Control: no-cache`: every `fetch` adds that by itself to a
 * request with `If-None-Match`.
 * @returns the tag as the client has it, which its cache knows the stored answer by; nothing when it has another version
 */
function matchedTag(
  etag: string | number | undefined,
  ifNoneMatch: string | string[] | undefined,
): string | undefined {
  if (typeof etag !== 'string' || ifNoneMatch === undefined) return undefined;
  const sent = String(ifNoneMatch).trim();
  if (sent === '*') return etag;
  return [...sent.matchAll(tags)].find(([, opaque]) => opaque === etag)?.[0];
}
