/** Its own file, so that commands can tell the error apart without loading node:cluster. */

/** A process of the service could not start: it has said why, unless a signal ended it. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  constructor(
    readonly status: number | null,
    signal: string | null,
  ) {
    super(status === null ? `a worker was ended by ${String(signal)} before it answered` : '');
  }
}
