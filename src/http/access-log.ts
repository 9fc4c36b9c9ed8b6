/** One line in the log for each request: who asked for which operation, and how it went; nothing of a patient. */
import type { Log } from '../log.js';
import type { Exchange } from './exchange.js';

export function logAccess(exchange: Exchange, log: Log): void {
  const { response, requestId, method, client } = exchange;
  const started = performance.now();
  const { socket } = response;
  const written = socket?.bytesWritten ?? 0;
  response.once('close', () => {
    const { operationId, consumer, keyVersion, refusal } = exchange;
    const facts = {
      requestId,
      operation: operationId,
      consumer,
      keyVersion,
      refusal,
      milliseconds: Math.round((performance.now() - started) * 1000) / 1000,
      bytes: (socket?.bytesWritten ?? 0) - written,
      ...(!response.writableFinished && { aborted: true }),
      httpRequest: { requestMethod: method, status: response.statusCode, remoteIp: client },
    };
    log.info(facts, 'request');
  });
}
