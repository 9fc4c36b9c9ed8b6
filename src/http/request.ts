/** A request as it arrived, and what its log line and its metrics will say. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response } from 'express';
import { problems } from '../problem.js';

/** Known when the request arrives. */
export interface RequestContext {
  readonly requestId: string;
  /** The address of the client, behind the proxies that are trusted. */
  readonly client: string;
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  /** The query as it was sent, without its question mark. */
  readonly queryText: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly response: Response;
  readonly outcome: RequestOutcome;
}

/**
 * What the access log, the audit and telemetry report when the response has closed or was refused. Each step adds what
 * it found out; none reads what another added.
 */
interface RequestOutcome {
  /** The trace that the client began, or the service's own. */
  trace: TraceContext | undefined;
  operationId?: string;
  /** The path's template in the contract. */
  route?: string;
  /** The path's template and what may be logged of the query. */
  url?: string;
  /** The security scheme of the operation, where it needs a key. */
  scheme?: string | undefined;
  consumer?: string;
  keyVersion?: string | undefined;
  /** Once they were found to be right. */
  pathParams?: Readonly<Record<string, string>>;
  /** `wait` where the client asked to wait for news, `export` where the answer is a stream. */
  answering: 'page' | 'wait' | 'export';
  /** The problem's slug when the request was refused. */
  refusal?: string;
  /** Whether it is counted with others of a flood, and has no line of its own. */
  isAggregated?: boolean;
}

export function requestContext(
  { method, path, url, headers: incoming }: Request,
  response: Response,
  client: string,
): RequestContext {
  const headers = sentHeaders(incoming);
  const mark = url.indexOf('?');
  return {
    requestId: requestIdOf(headers['x-request-id']),
    client,
    method,
    path,
    queryText: mark === -1 ? '' : url.slice(mark + 1),
    headers,
    response,
    outcome: { trace: traceContextOf(headers.traceparent), answering: 'page' },
  };
}

/** Node joins or keeps repeated headers by its own rules; what was not sent is left out. */
function sentHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const sent: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) sent[name] = value;
  }
  return sent;
}

const token = /^[A-Za-z0-9._-]{1,128}$/;

export function requestIdOf(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && token.test(sent) ? sent : randomUUID();
}

interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the caller's span. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Later versions may add parts behind these. */
const form =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
function traceContextOf(sent: string | string[] | undefined): TraceContext | undefined {
  const parts = typeof sent === 'string' ? form.exec(sent) : null;
  if (parts === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = parts;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

const maxBodyBytes = 65_536;
/** Lists that are compared with what is offered; a browser sends less than 200 characters. */
const negotiated = ['accept', 'accept-encoding'] as const;
const mostNegotiated = 1_024;

/**
 * No operation reads a body: a small one is ignored, a large one would have to be received first.
 * @throws Problem 413, 431 when there is more to negotiate than anybody asks for, or 400 when a percent sign of the
 *   path is not followed by two hexadecimal digits of UTF-8
 */
export function assertReadable({ headers, path }: RequestContext): void {
  const isLarge = Number(headers['content-length'] ?? 0) > maxBodyBytes;
  if (isLarge || headers['transfer-encoding'] !== undefined) throw problems.bodyTooLarge();
  for (const name of negotiated) {
    if ((headers[name]?.length ?? 0) > mostNegotiated) {
      throw problems.headerFieldsTooLarge(`${name} is longer than ${mostNegotiated} characters.`);
    }
  }
  decoded(path);
}

/** Each parameter decoded; the one that was sent a second time is an array, and ends the reading. */
export type RawQuery = Readonly<Record<string, string | string[]>>;

const mostParameters = 64;

/**
 * Reads no further than to a name that repeats, which no operation allows: its answer is the same whatever follows.
 * @throws a 400 problem when a percent sign is not followed by two hexadecimal digits of valid UTF-8, or before anything
 *   is read when there are more than 64 parameters
 */
export function parseQuery(text: string): RawQuery {
  const pairs = text.split('&', mostParameters + 1);
  if (pairs.length > mostParameters) {
    throw problems.badRequest(`The query has more than ${mostParameters} parameters.`);
  }
  const values = new Map<string, string | string[]>();
  for (const pair of pairs) {
    if (pair === '') continue;
    const mark = pair.indexOf('=');
    const key = decoded(mark === -1 ? pair : pair.slice(0, mark));
    const value = mark === -1 ? '' : decoded(pair.slice(mark + 1));
    const before = values.get(key);
    values.set(key, before === undefined ? value : [String(before), value]);
    if (before !== undefined) break;
  }
  return Object.fromEntries(values);
}

function decoded(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw problems.badRequest(
      'The URL holds a percent sign that is not followed by two hexadecimal digits of UTF-8 text.',
    );
  }
}

export interface RequestObserver {
  /** Runs the work that answers; the request's outcome is complete once its response closes. */
  observe(request: RequestContext, work: () => Promise<void>): Promise<void>;
  /** A refusal before Express was reached. */
  refused(refusal: string, status: number): void;
}

export const unobserved: RequestObserver = {
  observe: (_request, work) => work(),
  refused: () => undefined,
};
