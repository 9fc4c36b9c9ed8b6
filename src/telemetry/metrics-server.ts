/** The port of the metrics: `GET /metrics` and nothing else, apart from the public one. */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes a free one; of several workers each takes the next that is free. */
  readonly port: number;
  /** The metrics of now as Prometheus's text. */
  readonly read: () => Promise<string>;
}

export interface MetricsServer {
  readonly url: string;
  close(): void;
}

export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000 },
    (request, response) => {
      const isKnown = request.url === '/metrics' && /^(?:GET|HEAD)$/.test(request.method ?? '');
      if (isKnown) void answer(response, options.read);
      else response.writeHead(404).end();
    },
  );
  server.maxConnections = 20;
  await listen(server, options);
  server.unref();
  // A server that listens on a TCP port has an address of this form.
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const mostWorkers = 128;

/** Workers would share a port, and each answer for itself alone: here they do not. */
async function listen(server: Server, { host, port }: MetricsServerOptions): Promise<void> {
  const last = cluster.isWorker && port > 0 ? port + mostWorkers - 1 : port;
  for (let next = port; ; next += 1) {
    server.listen({ host, port: next, exclusive: true });
    try {
      await once(server, 'listening');
      return;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || next >= last) throw error;
    }
  }
}

async function answer(response: ServerResponse, read: () => Promise<string>): Promise<void> {
  try {
    const text = await read();
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(text);
  } catch {
    response.writeHead(500).end();
  }
}
