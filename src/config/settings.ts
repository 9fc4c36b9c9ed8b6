/** Every setting of the service: its name, meaning, default, and what a right value looks like. */
import { availableParallelism } from 'node:os';
import { logLevels } from '../log.js';
import { databaseSettings } from './database.js';
import { keySettings } from './keys.js';
import { producerSettings } from './producer.js';
import { auditSettings, telemetrySettings } from './recording.js';
import { boolean, type Setting, type ValuesOf, wholeNumber } from './setting.js';
import { transportSettings } from './transport.js';

export const settings = {
  NODE_ENV: {
    meaning: '`production` turns every convenience off that is for a developer’s own machine.',
    wanted: '"production", "development" or "test"',
    example: 'production',
    default: 'development',
    parse: (text) => ['production', 'development', 'test'].find((name) => name === text),
  } satisfies Setting<string>,
  PORT: {
    meaning: 'Port to listen on; 0 takes a free one.',
    wanted: 'a whole number from 0 to 65535',
    example: '8080',
    default: 8080,
    parse: wholeNumber(0, 65_535),
  } satisfies Setting<number>,
  HOST: {
    meaning: 'Address to listen on; 127.0.0.1 without it, 0.0.0.0 in production.',
    wanted: 'a host name or an IP address',
    example: '0.0.0.0',
    default: undefined,
    parse: (text) => (/^[A-Za-z0-9.:_-]+$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  WEB_CONCURRENCY: {
    meaning:
      'Processes that answer requests on the one port; `auto` is one for each processor. What is bounded by a process (MAX_CONNECTIONS, MAX_IN_FLIGHT, RATE_LIMIT, connections to PostgreSQL) is so for each.',
    wanted: 'a whole number from 1 to 64, or "auto"',
    example: 'auto',
    default: 1,
    parse: (text) => (text === 'auto' ? availableParallelism() : wholeNumber(1, 64)(text)),
  } satisfies Setting<number>,
  LOG_LEVEL: {
    meaning: 'The least that is logged.',
    wanted: `one of ${logLevels.join(', ')}`,
    example: 'info',
    default: 'info',
    parse: (text) => logLevels.find((level) => level === text),
  } satisfies Setting<(typeof logLevels)[number]>,
  ...telemetrySettings,
  ...databaseSettings,
  ...auditSettings,
  ...keySettings,
  COLLECTIONS: {
    meaning: 'Serve these collections only; all of the contract without it.',
    wanted: 'names of collections with commas between',
    example: 'patients,appointments',
    default: undefined,
    parse: (text) => (/^[a-z0-9_]+(?:,[a-z0-9_]+)*$/.test(text) ? text.split(',') : undefined),
  } satisfies Setting<string[] | undefined>,
  DEMO_DATA: {
    meaning: 'Load a small demonstration set into an empty embedded database.',
    wanted: '"true" or "false"',
    example: 'false',
    default: true,
    parse: boolean,
  } satisfies Setting<boolean>,
  KEEP_SOURCE: {
    meaning:
      'Keep each loaded resource, compressed, beside the record made of it, so that records can be derived anew.',
    wanted: '"true" or "false"',
    example: 'false',
    default: true,
    parse: boolean,
  } satisfies Setting<boolean>,
  PUBLIC_URL: {
    meaning:
      'The address that clients use, when a proxy stands in front; its path begins every link.',
    wanted: 'a URL such as https://api.hospital.example/v1',
    example: 'https://api.hospital.example',
    default: undefined,
    parse: (text) => (/^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined),
  } satisfies Setting<URL | undefined>,
  ...transportSettings,
  RESPONSE_CHECK: {
    meaning:
      '`always`: an answer that breaks the contract becomes a 500 (outside production, without this setting). `sample`: one in a hundred is looked at once it is on its way, and only logged. `off`: none (in production, without it).',
    wanted: '"always", "sample" or "off"',
    example: 'sample',
    default: undefined,
    parse: (text) => (['always', 'sample', 'off'] as const).find((mode) => mode === text),
  } satisfies Setting<'always' | 'sample' | 'off' | undefined>,
  SOURCE_TIME_ZONE: {
    meaning:
      'Time zone of the hospital: a visit that the source dates in UTC gets its local day by it.',
    wanted: 'an IANA time zone such as Europe/Berlin',
    example: 'America/New_York',
    default: 'UTC',
    parse: timeZone,
  } satisfies Setting<string>,
  ...producerSettings,
};

function timeZone(text: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

export type Values = ValuesOf<typeof settings>;
