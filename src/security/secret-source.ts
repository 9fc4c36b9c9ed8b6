/** Where keys come from, as the key ring sees it. */

export interface SecretSource {
  /**
   * The keys that are valid at present, newest first; none when the secret does not exist.
   * @throws when that cannot be told at present
   */
  read(secretId: string): Promise<readonly SecretKey[]>;
}

export interface SecretKey {
  readonly value: string;
  /** How the source tells this key from the others of the secret, for logs. */
  readonly version: string;
}
