/** What stands between a client and the service: it counts, can hold requests up, and changes what real proxies change. */
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FrontOptions {
  readonly target: string;
  /** Header names leave in lower case, as HTTP/2 front ends send them. */
  readonly lowerCase?: boolean;
  /** A path under which the service is reached, for example `/hospital/v1`. */
  readonly prefix?: string;
}

export interface Passed {
  /** Without its query. */
  readonly path: string;
  status?: number;
}

export interface Front {
  readonly url: string;
  /** What was asked for since the last call; no status where the service was away. */
  takeRequests(): readonly Passed[];
  /** Does something when the next requests come, the first before the first is passed on. */
  before(...steps: readonly (() => Promise<void>)[]): void;
  close(): Promise<void>;
}

export async function startFront(options: FrontOptions): Promise<Front> {
  const requests: Passed[] = [];
  const steps: (() => Promise<void>)[] = [];
  const server = createServer((incoming, outgoing) => {
    const path = pathBehind(incoming, options.prefix ?? '');
    if (path === undefined) {
      outgoing.writeHead(404).end();
      return;
    }
    const passed: Passed = { path: path.split('?', 1)[0] ?? path };
    requests.push(passed);
    outgoing.once('finish', () => (passed.status = outgoing.statusCode));
    void (steps.shift() ?? nothing)().then(() => {
      passOn(options, path, incoming, outgoing);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}${options.prefix ?? ''}`,
    takeRequests: () => requests.splice(0),
    before: (...more) => steps.push(...more),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const nothing = () => Promise.resolve();

function pathBehind({ url = '/' }: IncomingMessage, prefix: string): string | undefined {
  return url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : undefined;
}

function passOn(
  { target, lowerCase = false }: FrontOptions,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  request(`${target}${path}`, { method: incoming.method, headers: incoming.headers })
    .on('response', (answer) => {
      const headers = answer.rawHeaders.map((text, index) =>
        lowerCase && index % 2 === 0 ? text.toLowerCase() : text,
      );
      outgoing.writeHead(answer.statusCode ?? 502, headers);
      answer.pipe(outgoing);
    })
    // The service is away: the client sees its connection end.
    .on('error', () => outgoing.destroy())
    .end();
}
