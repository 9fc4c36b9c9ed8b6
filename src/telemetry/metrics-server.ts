/** The port of the metrics: `GET /metrics` and nothing else, apart from the public one. */
import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsPlace {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface MetricsServerOptions extends MetricsPlace {
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
  server.listen({ host: options.host, port: options.port });
  await once(server, 'listening');
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

async function answer(response: ServerResponse, read: () => Promise<string>): Promise<void> {
  try {
    const text = await read();
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(text);
  } catch {
    response.writeHead(500).end();
  }
}
