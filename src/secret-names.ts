/** Full names of secrets and their versions in Google Secret Manager. */

export interface SecretName {
  readonly project: string;
  /** Of a regional secret. */
  readonly location?: string;
  readonly secret: string;
  /** `latest`: the newest enabled version and the one before it. A number: that version alone. */
  readonly version: string;
}

const pattern =
  /^projects\/(?<project>[a-z0-9][a-z0-9.:-]{0,62})(?:\/locations\/(?<location>[a-z0-9-]+))?\/secrets\/(?<secret>[A-Za-z0-9_-]{1,255})\/versions\/(?<version>latest|[1-9]\d{0,8})$/;

export function parseSecretName(text: string): SecretName | undefined {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { project = '', location, secret = '', version = '' } = groups;
  return { project, secret, version, ...(location !== undefined && { location }) };
}

/** @param given the secret's id where it is not that of the collection's default consumer with the name behind it */
export function consumerName(
  base: SecretName,
  consumer: string,
  given: string | undefined,
): SecretName {
  return { ...base, secret: given ?? `${base.secret}_${consumer}`, version: 'latest' };
}
