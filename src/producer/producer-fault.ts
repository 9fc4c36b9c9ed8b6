/** Why the producer cannot go on: what kind of thing has to change, and one line that says what to do. */

export type ProducerFaultKind =
  /** A record that cannot be published. */
  | 'data'
  /** The service or Google cannot be reached, or goes on refusing. */
  | 'unavailable'
  /** The checkpoint cannot be written. */
  | 'unwritable'
  /** Another producer works on the same checkpoint. */
  | 'busy'
  /** A key or a role is missing. */
  | 'permission'
  /** A topic is missing, or the checkpoint is of something else. */
  | 'configuration';

export class ProducerFault extends Error {
  override readonly name = 'ProducerFault';
  constructor(
    readonly kind: ProducerFaultKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The code that errors of files and sockets carry. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : String(error.code);
}
