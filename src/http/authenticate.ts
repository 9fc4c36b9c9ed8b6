/** What http asks of security. */

/**
 * @param client the address that the request came from
 * @returns whose key it is and which version of it, or nothing when the scheme does not know the key
 * @throws Problem when the client is refused for another reason; any other error when that cannot be told at present
 */
export type Authenticate = (
  scheme: string,
  key: string | undefined,
  client: string,
) => Promise<Granted | undefined>;

export interface Granted {
  readonly consumer: string;
  readonly version?: string;
}
