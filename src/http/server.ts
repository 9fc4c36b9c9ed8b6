/** The HTTP server: its limits, TLS where it is configured, and an orderly close. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TransportConfig } from '../config/config.js';
import type { Log } from '../log.js';
import { type Problem, problems } from '../problem.js';
import { createErrorAggregator } from './limits/error-aggregator.js';
import { type RefuseEarly, refuseSocket } from './limits/refuse-early.js';
import {
  createUnauthenticatedPace,
  type UnauthenticatedPace,
} from './limits/unauthenticated-pace.js';
import { type RequestObserver, unobserved } from './request.js';
import { readTls, watchTls } from './tls.js';

export interface ServerOptions {
  readonly app: RequestListener;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: Log;
  readonly tls?: TransportConfig['tls'] | undefined;
  /** Without it the server has one of its own. */
  readonly pace?: UnauthenticatedPace;
  readonly observer?: Pick<RequestObserver, 'refused'> | undefined;
  /** In place of the service's own, for tests. */
  readonly limits?: Partial<typeof serverLimits>;
  /** So many are open at a time; further ones are closed at once. */
  readonly maxConnections?: number;
}

export interface HttpServer {
  /** Where the server listens, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Stops accepting, lets running requests finish, and ends after `deadlineMs` at the latest. */
  close(deadlineMs: number): Promise<void>;
}

const serverLimits = {
  /** Longer than a load balancer's idle time (600 s at Google's), or its clients see 502. */
  keepAliveTimeout: 620_000,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  /** How often requests that arrive too slowly are looked for. */
  connectionsCheckingInterval: 5_000,
  /** Bytes of the request line, which holds the path and query, and of the header fields together. */
  maxHeaderSize: 16_384,
  // Its absence is refused by withReadableHead, with a problem.
  requireHostHeader: false,
  /** A client that reads nothing of its answer for so long is disconnected; longer than an answer waits for news. */
  stalledAfter: 60_000,
};
const maxHeaderFields = 100;
const sweepIntervalMs = 20;
const dropsLoggedEveryMs = 10_000;
/** How long the close waits for the first request of a connection that was opened before. */
const firstRequestWithinMs = 200;

/** @throws Error when a file of TLS cannot be used */
export async function listen(options: ServerOptions): Promise<HttpServer> {
  const { app, tls, log, maxConnections, observer = unobserved } = options;
  const pace = options.pace ?? createUnauthenticatedPace();
  const limits = { ...serverLimits, ...options.limits };
  const server =
    tls === undefined
      ? createServer(limits, app)
      : createTlsServer({ ...limits, ...(await readTls(tls)) }, app);
  server.timeout = limits.stalledAfter;
  // Node would drop what is beyond a bound of its own; withReadableHead refuses it.
  server.maxHeadersCount = 0;
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  // One of several workers would otherwise hand the connection on, for ever where all are full.
  Object.assign(server, { dropMaxConnection: true });
  const silent = connectionsWithoutRequest(server);
  // Of its own, without the audit: what cannot be read asked for no record.
  const refusals = createErrorAggregator(log);
  server.on('close', () => {
    refusals.close();
  });
  // What follows on a connection that is to be refused is unreadable as well.
  const refused = new WeakSet<Socket>();
  const refuse = async (
    error: NodeJS.ErrnoException | { readonly code: string },
    socket: Socket,
  ) => {
    if (refused.has(socket)) return;
    refused.add(socket);
    socket.on('error', () => socket.destroy());
    if (!(await pace.turn(socket))) return;
    const refusal = refuseSocket(error, socket, { log, refusals });
    if (refusal !== undefined) observer.refused(refusal.slug, refusal.status);
  };
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    void refuse(error, socket);
  });
  // Node answers both by itself otherwise: with a closed connection, and with a status alone.
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    void refuse({ code: 'CONNECT' }, socket);
  });
  server.on('checkExpectation', app);
  server.on('drop', warnOfDropped(log, maxConnections));
  server.listen(options.port, options.host);
  await once(server, 'listening');
  // With TLS settings the server was made as one of TLS, above.
  const watch = tls && watchTls({ files: tls, server: server as TlsServer, log });
  return {
    url: urlOf(server, tls === undefined ? 'http' : 'https'),
    close: (deadlineMs) => {
      watch?.close();
      return close(server, silent, deadlineMs);
    },
  };
}

/** A line for each would be a flood of its own. */
function warnOfDropped(log: Log, maxConnections: number | undefined): () => void {
  let connections = 0;
  let loggedMs = -Infinity;
  return () => {
    connections += 1;
    if (performance.now() - loggedMs < dropsLoggedEveryMs) return;
    const facts = { maxConnections, connections };
    log.warn(facts, 'connections were closed at once: too many are open');
    loggedMs = performance.now();
    connections = 0;
  };
}

/** Node counts a connection as idle only after its first request. */
function connectionsWithoutRequest(server: Server | TlsServer): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  return silent;
}

async function close(
  server: Server | TlsServer,
  silent: ReadonlySet<Socket>,
  deadlineMs: number,
): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const giveUp = setTimeout(() => {
    for (const socket of silent) socket.destroy();
  }, firstRequestWithinMs);
  // A connection whose request was under way is idle only later, and would be kept alive for minutes.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, sweepIntervalMs);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, deadlineMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(giveUp);
  clearTimeout(deadline);
}

function urlOf(server: Server | TlsServer, protocol: 'http' | 'https'): string {
  // A server that listens on a TCP port has an address of this form.
  const { address, family, port } = server.address() as AddressInfo;
  return `${protocol}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Lets on only requests whose head is whole and proper, and with a path as their target. */
export function withReadableHead(
  app: RequestListener,
  refuse: RefuseEarly,
  pace: UnauthenticatedPace,
): RequestListener {
  return (request, response) => {
    const target = originFormOf(request.url ?? '');
    const problem = headProblem(request);
    if (problem === undefined && target !== undefined) {
      request.url = target;
      app(request, response);
      return;
    }
    if (problem !== undefined) response.shouldKeepAlive = false;
    const detail = 'The request target is neither a path nor an http address.';
    void pace.turn(response.socket).then((isThere) => {
      if (isThere) refuse(request, response, problem ?? problems.badRequest(detail));
    });
  };
}

/** An IPv6 address in brackets or a name, and a port. */
const hostForm = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

/** @see RFC 9112 section 3.2 for Host */
function headProblem({ rawHeaders, headers, httpVersion }: IncomingMessage): Problem | undefined {
  if (rawHeaders.length > 2 * maxHeaderFields) return problems.headerFieldsTooLarge();
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return problems.badRequest('The request is not HTTP/1.1.');
  }
  const hosts = rawHeaders.filter((name, n) => n % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length === 0 && httpVersion === '1.1') {
    return problems.badRequest('A request by HTTP/1.1 needs the field Host.');
  }
  if (hosts.length > 1 || !hostForm.test(headers.host ?? '')) {
    return problems.badRequest('The field Host must be there once, and name a host.');
  }
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    return problems.badRequest('Expect may ask for 100-continue only.');
  }
  return undefined;
}

/**
 * A proxy's absolute form loses its address; the asterisk stays.
 * @see RFC 9112 section 3.2
 */
function originFormOf(target: string): string | undefined {
  if (target.startsWith('/') || target === '*') return target;
  const [whole, rest = ''] = /^https?:\/\/[^/?#@]+([/?].*)?$/i.exec(target) ?? [];
  if (whole === undefined || !URL.canParse(whole)) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
