/** Why a feed cannot be followed any further, as errors that a program can tell apart. */

/** The body of a refusal. @see RFC 9457 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/**
 * The store was restored to an earlier state, so that the saved position is one of another history: read the feed from
 * its start, and let every record replace the copy that you have.
 */
export class HistoryEnded extends Error {
  override readonly name = 'HistoryEnded';
  constructor(
    /** The history that the feed has now. */
    readonly epoch: string | undefined,
    options?: ErrorOptions,
  ) {
    super('the feed has another history than the position: read it from its start', options);
  }
}

/** 401, also with the key that was asked for anew. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
  constructor(readonly collection: string) {
    super(`the service refuses the key of ${collection}`);
  }
}

/** A refusal that asking again does not change. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  constructor(
    readonly status: number,
    readonly problem: Problem | undefined,
  ) {
    super(`the service answers ${status}${problem === undefined ? '' : `: ${problem.detail}`}`);
  }
}

/** The service could not be reached, or was not ready, for longer than was allowed. */
export class ServiceUnavailable extends Error {
  override readonly name = 'ServiceUnavailable';
}
