/** The versions of one secret as an operator changes them; no key is ever read back. */

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
