/** A collector of OTLP over HTTP (JSON) on a free port, which keeps what it is sent. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}

export interface Collector {
  readonly url: string;
  /** The header fields of each request. */
  readonly headers: Readonly<Record<string, unknown>>[];
  readonly spans: SentSpan[];
  /** Names of the metrics that came. */
  readonly metrics: Set<string>;
  /** All that came, as text. */
  readonly text: () => string;
  close(): void;
}

/** The parts of both kinds of request that are read here. */
interface Sent {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

export async function startCollector(): Promise<Collector> {
  const [headers, spans, metrics]: [Collector['headers'], SentSpan[], Set<string>] = [
    [],
    [],
    new Set(),
  ];
  let text = '';
  const server = createServer((request, response) => {
    void (async () => {
      headers.push({ ...request.headers, path: request.url });
      // What it is, the exporter's own test proves.
      const sent = (await json(request)) as Sent;
      text += JSON.stringify(sent);
      for (const { scopeSpans } of sent.resourceSpans ?? []) {
        spans.push(...scopeSpans.flatMap((of) => of.spans));
      }
      for (const { scopeMetrics } of sent.resourceMetrics ?? []) {
        for (const { name } of scopeMetrics.flatMap((of) => of.metrics)) metrics.add(name);
      }
      response.setHeader('Content-Type', 'application/json').end('{}');
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a TCP port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, headers, spans, metrics },
    text: () => text,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
