/** The settings of API keys: where they are kept, how often they are read, and who else has some. */
import { type ConsumerConfig, parseConsumers } from './consumers.js';
import { type Setting, anyText, boolean, wholeNumber } from './setting.js';

export const keySettings = {
  API_KEYS_DIR: {
    meaning: 'Folder with a file for each secret id of the contract, such as patients_api_key.',
    wanted: 'the path of a folder',
    example: '/run/secrets/api-keys',
    default: undefined,
    parse: anyText,
  } satisfies Setting<string | undefined>,
  SECRET_MANAGER_PROJECT: {
    meaning:
      'Google Cloud project whose Secret Manager holds the secrets that the contract names; `<SECRET_ID>_SECRET_ID`, such as PATIENTS_API_KEY_SECRET_ID=projects/P/secrets/S/versions/latest, names a single one elsewhere.',
    wanted: 'the id or number of a project',
    example: 'hospital-prod',
    default: undefined,
    parse: (text) => (/^[a-z0-9][a-z0-9.:-]{0,62}$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  SECRET_MANAGER_EMULATOR_HOST: {
    meaning: 'A local server, without TLS, in place of Secret Manager; refused in production.',
    wanted: 'host:port',
    example: '127.0.0.1:9085',
    default: undefined,
    parse: (text) => (/^[A-Za-z0-9.-]+:\d{1,5}$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  API_KEYS_REFRESH_SECONDS: {
    meaning: 'Keys are read again this often, or a little sooner.',
    wanted: 'a whole number from 1 to 3600',
    example: '60',
    default: 60,
    parse: wholeNumber(1, 3600),
  } satisfies Setting<number>,
  API_KEYS_MAX_AGE_SECONDS: {
    meaning: 'Keys that cannot be read again go on for this long; after it requests get 503.',
    wanted: 'a whole number from 1 to 2592000',
    example: '86400',
    default: 86_400,
    parse: wholeNumber(1, 2_592_000),
  } satisfies Setting<number>,
  API_KEYS_ALLOW_LATE_START: {
    meaning: 'Start although keys cannot be read yet; requests get 503 until they are.',
    wanted: '"true" or "false"',
    example: 'false',
    default: false,
    parse: boolean,
  } satisfies Setting<boolean>,
  API_KEYS_ROTATION_SUBSCRIPTION: {
    meaning:
      'Pub/Sub subscription to the secrets’ notification topic: a change of a secret is read at once.',
    wanted: 'projects/P/subscriptions/S',
    example: 'projects/hospital-prod/subscriptions/api-key-changes',
    default: undefined,
    parse: (text) => (/^projects\/[^/\s]+\/subscriptions\/[^/\s]+$/.test(text) ? text : undefined),
  } satisfies Setting<string | undefined>,
  CONSUMERS: {
    meaning:
      'Readers beside the default one, each with keys of its own: name, and collections as a list of names or as a mapping from name to secret (`<secret>_<consumer>` without it).',
    wanted:
      'a list such as [{"name":"research","collections":["patients"]}], each name once, of a-z, 0-9, "-" and "_", and not "default"',
    example: '[{"name":"research","collections":["patients"]}]',
    default: [],
    parse: parseConsumers,
  } satisfies Setting<readonly ConsumerConfig[]>,
};
