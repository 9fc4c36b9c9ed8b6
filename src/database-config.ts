/** Which database the settings mean, and whether the way there is safe. */
import { join } from 'node:path';
import type { Values } from './settings.js';

export type DatabaseConfig =
  | { readonly kind: 'embedded'; readonly folder: string }
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly migrationUrl: string | undefined;
      /** Where records are read, and how far behind it may be. */
      readonly replica?: { readonly url: string; readonly maxLagMs: number } | undefined;
    };

export interface Circumstances {
  readonly production: boolean;
  /** The working directory. */
  readonly folder: string;
  /** Gets a line for each setting that is wrong. */
  readonly faults: string[];
  /** Gets a line for each setting that an operator should read of at every start. */
  readonly warnings: string[];
}

export function databaseOf(values: Values, circumstances: Circumstances): DatabaseConfig {
  const { production, folder, faults } = circumstances;
  if (values.DATABASE_URL === undefined) {
    const isWrong = faults.some((fault) => fault.startsWith('DATABASE_URL '));
    if (production && !isWrong) {
      faults.push('DATABASE_URL must be set in production: a PostgreSQL 14 or newer');
    }
    if (values.DATABASE_READ_URL !== undefined) {
      faults.push('DATABASE_READ_URL must stand beside DATABASE_URL, whose replica it is');
    }
    return { kind: 'embedded', folder: join(folder, '.local', 'postgres') };
  }
  const tls = (name: UrlName) => withTls(name, values, circumstances);
  const readUrl = tls('DATABASE_READ_URL');
  const maxLagMs = values.DATABASE_READ_MAX_LAG_SECONDS * 1000;
  return {
    kind: 'url',
    url: tls('DATABASE_URL') ?? '',
    migrationUrl: tls('DATABASE_MIGRATION_URL'),
    ...(readUrl !== undefined && { replica: { url: readUrl, maxLagMs } }),
  };
}

type UrlName = 'DATABASE_URL' | 'DATABASE_MIGRATION_URL' | 'DATABASE_READ_URL';

/** The URL with the TLS that was asked for; in production a network without verified TLS is a fault. */
function withTls(
  name: UrlName,
  values: Values,
  { production, faults, warnings }: Circumstances,
): string | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const url = new URL(text);
  // The path of a Unix socket may stand in the host's place, percent-encoded.
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  const overNetwork = host !== '' && !host.startsWith('/') && !isLoopback(host);
  if (values.DATABASE_TLS !== undefined) {
    url.searchParams.set('sslmode', values.DATABASE_TLS === 'off' ? 'disable' : 'verify-full');
  }
  if (production && overNetwork && values.DATABASE_TLS === 'off') {
    warnings.push(`${name} crosses a network without TLS, as DATABASE_TLS=off asks for`);
  } else if (production && overNetwork && url.searchParams.get('sslmode') !== 'verify-full') {
    faults.push(
      `${name} crosses a network without verified TLS: set DATABASE_TLS=verify (add ?sslrootcert=FILE for a private authority), use a Unix socket, or say DATABASE_TLS=off`,
    );
  }
  return url.href;
}

export function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/.test(host);
}
