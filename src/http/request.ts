/** One request on its way through the service: what was asked, and what the log will say of it. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import type { Operation } from 'openapi-backend';
import type { Parameter } from '../contract/document.js';
import { problems } from '../problem.js';

export interface Exchange {
  readonly requestId: string;
  /** The address of the client, behind the proxies that are trusted. */
  readonly client: string;
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  readonly headers: Record<string, string | string[]>;
  readonly response: Response;
  /** Each parameter decoded; one that was sent more than once as an array. */
  query: Record<string, string | string[]>;
  /** The value of `Allow` where the path is known. */
  allow: string | undefined;
  operationId: string | undefined;
  /** The path's template in the contract; nothing where the path is unknown. */
  route: string | undefined;
  /** `wait` where the client asked to wait for news, `export` where the answer is a stream. */
  answering: 'page' | 'wait' | 'export';
  /** The security scheme of the operation; nothing where it needs no key. */
  scheme: string | undefined;
  /** The parameters of the path, once they were found to be right. */
  asked: Readonly<Record<string, string>> | undefined;
  /** The path's template and what may be told of the query; nothing where the path is unknown. */
  url: string | undefined;
  /** The trace that the client began, or the service's own. */
  trace: TraceContext | undefined;
  consumer: string | undefined;
  keyVersion: string | undefined;
  /** The problem's slug when the request was refused. */
  refusal: string | undefined;
  /** Whether it is counted with others of a flood, and has no line of its own. */
  isCounted: boolean;
}

/** Node joins or keeps repeated headers by its own rules; what was not sent is left out. */
export function sentHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
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

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: who called. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Later versions may add parts behind these. */
const form =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
export function traceContextOf(sent: string | string[] | undefined): TraceContext | undefined {
  const parts = typeof sent === 'string' ? form.exec(sent) : null;
  if (parts === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = parts;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** @throws a 400 problem when a percent sign is not followed by two hexadecimal digits of valid UTF-8 */
export function parseQuery(text: string): Record<string, string | string[]> {
  const values = new Map<string, string | string[]>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const mark = pair.indexOf('=');
    const key = decoded(mark === -1 ? pair : pair.slice(0, mark));
    const value = mark === -1 ? '' : decoded(pair.slice(mark + 1));
    const before = values.get(key);
    values.set(key, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(values);
}

export function assertDecodable(path: string): void {
  decoded(path);
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

/** Texts are named only: ids, positions and times are a patient's, or lead to one. */
const tellable = new Set<unknown>(['integer', 'boolean']);

/** @returns a function from a query to `/patients?limit=100&cursor`; parameters that are unknown are left out */
export function requestUrls(
  operation: Operation,
): (query: Readonly<Record<string, unknown>>) => string {
  const { path, parameters = [] } = operation;
  // The dispatcher's document has no references left.
  const inQuery = (parameters as unknown as readonly Parameter[]).filter(
    (one) => one.in === 'query',
  );
  const isTold = new Map(inQuery.map(({ name, schema }) => [name, tellable.has(schema.type)]));
  return (query) => {
    const shown = Object.entries(query).flatMap(([name, value]) => {
      const told = isTold.get(name);
      if (told === undefined) return [];
      return [
        told && /^(?:\d{1,15}|true|false)$/.test(String(value)) ? `${name}=${String(value)}` : name,
      ];
    });
    return shown.length === 0 ? path : `${path}?${shown.join('&')}`;
  };
}

export interface RequestObserver {
  /** Runs the work that answers; the exchange tells all of it once its response closes. */
  observe(exchange: Exchange, work: () => Promise<void>): Promise<void>;
  /** A refusal that came before there was an exchange. */
  refused(refusal: string, status: number): void;
}

export const unobserved: RequestObserver = {
  observe: (_exchange, work) => work(),
  refused: () => undefined,
};
