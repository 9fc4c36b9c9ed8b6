/** What http asks of security. */

/**
 * @returns whose key it is, or nothing when the scheme does not know the key
 * @throws when that cannot be told at present
 */
export type Authenticate = (
  scheme: string,
  key: string | undefined,
) => Promise<{ readonly consumer: string } | undefined>;
