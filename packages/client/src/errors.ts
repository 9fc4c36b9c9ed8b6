/** Why a feed cannot be followed any further, as errors that a program can tell apart. */

/** The body of a refusal. @see RFC 9457 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/**
 * The store was restored to an earlier state, so the saved position belongs to another history. Read the feed from its
 * start, and let every record replace the copy that you have.
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

/** 401, even with a freshly read key. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
  constructor(readonly collection: string) {
    super(`the service refuses the key of ${collection}`);
  }
}

/** Your `key` function failed; a retry of the request would not help. Its error is the `cause`. */
export class KeySourceFailed extends Error {
  override readonly name = 'KeySourceFailed';
}

/** A refusal that a retry does not change. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  constructor(
    readonly status: number,
    readonly problem: Problem | undefined,
  ) {
    super(`the service answers ${status}${problem === undefined ? '' : `: ${problem.detail}`}`);
  }
}

/** The service could not be reached, or was not ready, for longer than `giveUpAfterSeconds`. */
export class ServiceUnavailable extends Error {
  override readonly name = 'ServiceUnavailable';
}
