/** Where keys come from, as the key ring sees it. */

export interface SecretSource {
  /**
   * The keys that are valid at present, newest first; none when all are disabled.
   * @throws SecretFault when there is no such secret, or when that cannot be told at present
   */
  read(secretId: string): Promise<readonly SecretKey[]>;
  /** How an operator gives the secret a key. */
  mend?(secretId: string): string;
  close?(): Promise<void>;
}

export interface SecretKey {
  /** Each byte as one character; the line feed that ends a file is left out. */
  readonly value: string;
  /** How the source tells this key from the others of the secret, for logs. */
  readonly version: string;
}

/**
 * `absent` is an answer, there is no such secret; the others mean that nothing is known of its keys at present.
 */
export type SecretFaultKind = 'absent' | 'refused' | 'unreachable' | 'damaged';

/** One line that says which secret cannot be read, why, and what would mend it. */
export class SecretFault extends Error {
  override readonly name = 'SecretFault';
  constructor(
    readonly kind: SecretFaultKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
