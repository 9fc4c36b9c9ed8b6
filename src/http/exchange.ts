/** One request on its way through the service: what was asked, and what the log will say of it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import type { TraceContext } from './trace-context.js';

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
