/** One line in the log for each request: who asked for which operation, and how it went; nothing of a patient. */
import type { Log } from '../log.js';
import type { Exchange } from './exchange.js';

/** Longer ones tell nothing more, and the client chooses what stands in them. */
const mostOfUserAgent = 200;

const labels = { log: 'access' } as const;

export function logAccess(exchange: Exchange, log: Log): void {
  const { response, requestId, headers } = exchange;
  const started = performance.now();
  const { socket } = response;
  const written = socket?.bytesWritten ?? 0;
  response.once('close', () => {
    const { operationId, consumer, keyVersion, refusal, trace } = exchange;
    if (exchange.isCounted) return;
    const milliseconds = Math.round((performance.now() - started) * 1000) / 1000;
    const bytes = (socket?.bytesWritten ?? 0) - written;
    const facts = {
      requestId,
      operation: operationId,
      consumer,
      keyVersion,
      refusal,
      milliseconds,
      bytes,
      aborted: response.writableFinished ? undefined : true,
      httpRequest: {
        requestMethod: exchange.method,
        requestUrl: exchange.url,
        status: response.statusCode,
        latency: `${(milliseconds / 1000).toFixed(6)}s`,
        responseSize: String(bytes),
        remoteIp: exchange.client,
        userAgent: headers['user-agent']?.slice(0, mostOfUserAgent),
      },
      trace,
      labels,
    };
    if (response.statusCode >= 500) log.warn(facts, 'request');
    else log.info(facts, 'request');
  });
}
