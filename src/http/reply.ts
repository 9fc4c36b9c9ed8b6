/** Writes an operation's answer, or a refusal, to the client. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Disclosure } from '../contract/disclosure.js';
import type { Problem } from '../problem.js';
import type { Exchange } from './exchange.js';
import { pagePolicyOf } from './safety-headers.js';

/** Any operation's reply; which are right for which operation is the contract's types' business. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly type: string;
  readonly body: unknown;
  /** Of operations that need a key. */
  readonly disclosed?: Disclosure;
}

export async function writeReply(exchange: Exchange, reply: Reply): Promise<void> {
  const { response } = exchange;
  response.status(reply.status);
  response.setHeader('Content-Type', reply.type);
  if (reply.type === 'text/html') {
    response.setHeader('Content-Security-Policy', pagePolicyOf(String(reply.body)));
  }
  for (const [name, value] of Object.entries(reply.headers)) {
    if (value !== undefined) response.setHeader(name, value);
  }
  if (isStream(reply.body)) {
    exchange.answering = 'export';
    await writeStream(exchange, reply.body);
    return;
  }
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  writeText(exchange, text);
}

export function writeProblem(exchange: Exchange, problem: Problem): void {
  const { response, requestId } = exchange;
  exchange.refusal = problem.slug;
  response.status(problem.status);
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
  writeText(exchange, JSON.stringify(problemBody(problem, requestId)));
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
function writeText({ response }: Exchange, text: string): void {
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

async function writeStream(exchange: Exchange, chunks: AsyncIterable<Buffer>): Promise<void> {
  const { response, method } = exchange;
  if (method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(Readable.from(chunks, { objectMode: false }), response);
}

export function isStream(body: unknown): body is AsyncIterable<Buffer> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
