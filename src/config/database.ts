/** Which database the settings mean, and whether the way there is safe. */
import { join } from 'node:path';
import { type ConfigContext, type Setting, type ValuesOf, wholeNumber } from './setting.js';

export type DatabaseConfig =
  | { readonly kind: 'embedded'; readonly folder: string }
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly migrationUrl: string | undefined;
      /** Where records are read, and how far behind it may be. */
      readonly replica?: { readonly url: string; readonly maxLagMs: number } | undefined;
    };

const databaseUrl = (text: string) =>
  /^postgres(?:ql)?:\/\/./.test(text) && URL.canParse(text) ? text : undefined;

export const databaseSettings = {
  DATABASE_URL: {
    meaning:
      'PostgreSQL 14 or newer. Without it, and outside production, one is started in .local.',
    wanted: 'a URL such as postgres://user:password@host:5432/database',
    example: 'postgres://hospital@db.example.org/hospital',
    default: undefined,
    parse: databaseUrl,
  } satisfies Setting<string | undefined>,
  DATABASE_MIGRATION_URL: {
    meaning: 'The same database under the role that may change its schema.',
    wanted: 'a URL such as postgres://owner:password@host:5432/database',
    example: 'postgres://hospital_owner@db.example.org/hospital',
    default: undefined,
    parse: databaseUrl,
  } satisfies Setting<string | undefined>,
  DATABASE_READ_URL: {
    meaning:
      'A streaming replica of DATABASE_URL: pages, exports and single records are read from it while it follows closely.',
    wanted: 'a URL such as postgres://user:password@replica:5432/database',
    example: 'postgres://hospital@replica.example.org/hospital',
    default: undefined,
    parse: databaseUrl,
  } satisfies Setting<string | undefined>,
  DATABASE_READ_MAX_LAG_SECONDS: {
    meaning: 'While the replica is further behind than this, DATABASE_URL answers in its place.',
    wanted: 'a whole number from 1 to 3600',
    example: '10',
    default: 10,
    parse: wholeNumber(1, 3_600),
  } satisfies Setting<number>,
  DATABASE_TLS: {
    meaning:
      '`verify`: TLS, and the server’s certificate must be right. `off`: none, for networks that are safe by themselves.',
    wanted: '"verify" or "off"',
    example: 'verify',
    default: undefined,
    parse: (text) => (text === 'verify' || text === 'off' ? text : undefined),
  } satisfies Setting<'verify' | 'off' | undefined>,
};

export function databaseOf(
  values: ValuesOf<typeof databaseSettings>,
  context: ConfigContext,
): DatabaseConfig {
  const { production, folder, errors } = context;
  if (values.DATABASE_URL === undefined) {
    const isWrong = errors.some((error) => error.startsWith('DATABASE_URL '));
    if (production && !isWrong) {
      errors.push('DATABASE_URL must be set in production: a PostgreSQL 14 or newer');
    }
    if (values.DATABASE_READ_URL !== undefined) {
      errors.push('DATABASE_READ_URL must stand beside DATABASE_URL, whose replica it is');
    }
    return { kind: 'embedded', folder: join(folder, '.local', 'postgres') };
  }
  const tls = (name: UrlName) => withTls(name, values, context);
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

/** The URL with the TLS that was asked for; in production a network without verified TLS is an error. */
function withTls(
  name: UrlName,
  values: ValuesOf<typeof databaseSettings>,
  { production, errors, warnings }: ConfigContext,
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
    errors.push(
      `${name} crosses a network without verified TLS: set DATABASE_TLS=verify (add ?sslrootcert=FILE for a private authority), use a Unix socket, or say DATABASE_TLS=off`,
    );
  }
  return url.href;
}

export function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/.test(host);
}
