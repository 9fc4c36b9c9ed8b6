/** Where keys come from, as the key ring sees it. */
import type { KeysConfig, SecretName } from '../../config/config.js';

export interface SecretSource {
  /**
   * The keys that are valid at present, newest first; none when all are disabled.
   * @throws SecretError when there is no such secret, or when that cannot be told at present
   */
  read(secretId: string): Promise<readonly SecretKey[]>;
  /** How an operator gives the secret a key. */
  remedy?(secretId: string): string;
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

/** One line that says which secret cannot be read, why, and what would fix it. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  constructor(
    readonly kind: SecretFaultKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** `projects/P/secrets/S`, or with a location between. */
export function pathOf({ project, location, secret }: SecretName): string {
  const region = location === undefined ? '' : `/locations/${location}`;
  return `projects/${project}${region}/secrets/${secret}`;
}

/** The name as the arguments of `gcloud secrets`. */
export function flagsOf({ project, location, secret }: SecretName): string {
  const region = location === undefined ? '' : ` --location=${location}`;
  return `${secret} --project=${project}${region}`;
}

/** Ids without a name of their own stand in the project that the configuration names. */
export function fullNames(
  { names, project = '' }: Extract<KeysConfig, { kind: 'google' }>,
  secretIds: readonly string[],
): ReadonlyMap<string, SecretName> {
  return new Map(
    secretIds.map((secretId) => [
      secretId,
      names[secretId] ?? { project, secret: secretId, version: 'latest' },
    ]),
  );
}

export interface KeyVersions {
  /** Where the secret is, in the source's own words. */
  readonly place: string;
  /** Newest first; none when there is no such secret. */
  list(): Promise<readonly KeyVersion[]>;
  /** Makes the key the newest version, and the secret where it is missing; answers the version. */
  add(key: string): Promise<string>;
  disable(version: string): Promise<void>;
  close(): Promise<void>;
}

export interface KeyVersion {
  readonly version: string;
  readonly state: 'enabled' | 'disabled' | 'destroyed';
  readonly createdMs: number;
}
