/** The settings of the transport: who may connect, through which proxies, and with which certificate. */
import { isIP } from 'node:net';
import type { RateLimit } from '../contract/document.js';
import {
  anyText,
  type ConfigContext,
  type Setting,
  type ValuesOf,
  wholeNumber,
} from './setting.js';

/** How many proxies stand in front, or which networks they are in. */
export type TrustedProxies = number | readonly string[];

export const transportSettings = {
  TRUST_PROXY: {
    meaning:
      'Whose X-Forwarded-For is believed: that of so many proxies in front of the service, or of proxies in these networks. Nobody’s without it.',
    wanted: 'a number of proxies from 1 to 9, or networks with commas between',
    example: '10.0.0.0/8',
    default: undefined,
    parse: (text) => (/^[1-9]$/.test(text) ? Number(text) : networks(text)),
  } satisfies Setting<TrustedProxies | undefined>,
  ALLOWED_CLIENTS: {
    meaning: 'Collections answer these networks only; every other client gets 403.',
    wanted: 'networks or addresses with commas between',
    example: '203.0.113.0/24,2001:db8::/32',
    default: undefined,
    parse: (text) => networks(text),
  } satisfies Setting<readonly string[] | undefined>,
  MAX_CONNECTIONS: {
    meaning: 'So many connections are open at a time; further ones are closed at once.',
    wanted: 'a whole number from 1 to 100000',
    example: '1000',
    default: 1000,
    parse: wholeNumber(1, 100_000),
  } satisfies Setting<number>,
  MAX_IN_FLIGHT: {
    meaning:
      'So many requests of collections are worked on at a time, by each worker. 28 more wait their turn, and beyond them as many as the wait stays short (25 ms); for a second after a refusal as many as wait 3 ms; the others get 503 at once. Those that wait for news do not count.',
    wanted: 'a whole number from 1 to 100000',
    example: '8',
    default: 3,
    parse: wholeNumber(1, 100_000),
  } satisfies Setting<number>,
  MAX_EXPORTS: {
    meaning:
      'So many whole feeds are sent at a time (NDJSON without `limit`), by each worker; further ones get 503.',
    wanted: 'a whole number from 1 to 1000',
    example: '8',
    default: 8,
    parse: wholeNumber(1, 1_000),
  } satisfies Setting<number>,
  RATE_LIMIT: {
    meaning:
      'Requests that each consumer may send to a collection, by each worker: `contract` takes x-rate-limit of the contract (in production, without this setting), 600/10 is 600 in 10 seconds, `off` none (outside production).',
    wanted: '"contract", "off", or requests and seconds such as 600/10',
    example: 'contract',
    default: undefined,
    parse: rateLimit,
  } satisfies Setting<RateLimit | 'contract' | 'off' | undefined>,
  TLS_CERT_FILE: {
    meaning:
      'Certificate chain in PEM: the service speaks TLS by itself. Read again when it changes.',
    wanted: 'the path of a file',
    example: '/run/tls/tls.crt',
    default: undefined,
    parse: anyText,
  } satisfies Setting<string | undefined>,
  TLS_KEY_FILE: {
    meaning: 'Private key of TLS_CERT_FILE in PEM.',
    wanted: 'the path of a file',
    example: '/run/tls/tls.key',
    default: undefined,
    parse: anyText,
  } satisfies Setting<string | undefined>,
};

function rateLimit(text: string): RateLimit | 'contract' | 'off' | undefined {
  if (text === 'contract' || text === 'off') return text;
  const [, requests, seconds] = /^([1-9]\d{0,6})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  return requests === undefined || seconds === undefined
    ? undefined
    : { requests: Number(requests), seconds: Number(seconds) };
}

function networks(text: string): readonly string[] | undefined {
  const list = text.split(',').map((part) => part.trim());
  return list.every(isCidr) ? list : undefined;
}

/** An address counts as the network of itself alone. */
function isCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  );
}

export interface TransportConfig {
  readonly trustProxy: TrustedProxies | undefined;
  readonly allowedClients: readonly string[] | undefined;
  readonly maxConnections: number;
  readonly maxInFlight: number;
  /** While the event loop is later than this, requests of collections get 503 at once. */
  readonly maxEventLoopDelayMs: number;
  /** Whole feeds that are sent at a time. */
  readonly maxExports: number;
  /** After so long a whole feed is broken off, and its reader goes on with `updated_since`. */
  readonly maxExportMs: number;
  /** Of each consumer; `contract` takes each scheme's own. */
  readonly rateLimit: RateLimit | 'contract' | 'off';
  readonly tls: TlsFiles | undefined;
}

/** Paths of PEM files. */
interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export function transportOf(
  values: ValuesOf<typeof transportSettings>,
  { errors, production }: ConfigContext,
): TransportConfig {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = values;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    errors.push('TLS_CERT_FILE and TLS_KEY_FILE must be set both, or neither');
  }
  return {
    trustProxy: values.TRUST_PROXY,
    allowedClients: values.ALLOWED_CLIENTS,
    maxConnections: values.MAX_CONNECTIONS,
    maxInFlight: values.MAX_IN_FLIGHT,
    maxEventLoopDelayMs: 1_000,
    maxExports: values.MAX_EXPORTS,
    maxExportMs: 3_600_000,
    rateLimit: values.RATE_LIMIT ?? (production ? 'contract' : 'off'),
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
  };
}
