/** Which source of keys the settings mean, and which settings contradict each other. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Config, ConfigError, readConfig } from '../../src/config/config.js';

const secretIds = { patients: 'patients_api_key', lab_results: 'lab-results-key' };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hospital-config-'));
});

function read(env: Readonly<Record<string, string>>): Promise<Config> {
  const collectionNames = Object.keys(secretIds);
  return readConfig({ env, folder, collectionNames, secretIds, keysNeeded: true });
}

async function errorsOf(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const error: unknown = await read(env).catch((thrown: unknown) => thrown);
  return error instanceof ConfigError ? error.errors : [];
}

const latest = (secret: string) => ({ project: 'p', secret, version: 'latest' });

describe('the source of keys', () => {
  it('is Google with a project for all', async () => {
    expect((await read({ SECRET_MANAGER_PROJECT: 'p' })).keys).toEqual({
      ...{ kind: 'google', names: {}, project: 'p', emulator: undefined },
    });
  });

  it('is Google with a full name for each, a hyphen of the id an underscore in the setting', async () => {
    const { keys } = await read({
      PATIENTS_API_KEY_SECRET_ID: 'projects/p/secrets/one/versions/latest',
      LAB_RESULTS_KEY_SECRET_ID: 'projects/p/locations/europe-west3/secrets/two/versions/7',
    });
    expect(keys).toMatchObject({
      kind: 'google',
      names: {
        patients_api_key: latest('one'),
        'lab-results-key': { ...latest('two'), location: 'europe-west3', version: '7' },
      },
    });
  });

  it('is the folder that API_KEYS_DIR names', async () => {
    expect((await read({ API_KEYS_DIR: '/keys' })).keys).toEqual({
      kind: 'folder',
      folder: '/keys',
    });
  });

  it('is made locally where nothing is said', async () => {
    expect((await read({})).keys).toEqual({ kind: 'local', folder: join(folder, '.local/keys') });
  });

  it('gives a consumer the secret beside that of the collection, or the one that it names', async () => {
    const consumers = [
      { name: 'research', collections: ['patients'] },
      { name: 'billing', collections: { patients: 'visits' } },
    ];
    const { keys } = await read({
      SECRET_MANAGER_PROJECT: 'p',
      PATIENTS_API_KEY_SECRET_ID: 'projects/p/secrets/one/versions/3',
      CONSUMERS: JSON.stringify(consumers),
    });
    expect(keys).toMatchObject({
      names: { patients_api_key_research: latest('one_research'), visits: latest('visits') },
    });
  });

  it('takes consumers as a list of the YAML file', async () => {
    const file = join(folder, 'config.yaml');
    const yaml = 'CONSUMERS:\n  - name: research\n    collections: [patients, lab_results]\n';
    await writeFile(file, yaml);
    const { keyRing } = await read({ CONFIG_FILE: file });
    expect(keyRing.consumers).toEqual([
      { name: 'research', collections: { patients: undefined, lab_results: undefined } },
    ]);
  });
});

describe('an error', () => {
  const consumer = (name: string, collections: unknown = ['patients']) =>
    JSON.stringify([{ name, collections }]);

  it.each([
    [
      'API_KEYS_DIR beside SECRET_MANAGER_PROJECT',
      { API_KEYS_DIR: '/k', SECRET_MANAGER_PROJECT: 'p' },
      'API_KEYS_DIR contradicts SECRET_MANAGER_PROJECT',
    ],
    [
      'API_KEYS_DIR beside a full name',
      {
        API_KEYS_DIR: '/k',
        PATIENTS_API_KEY_SECRET_ID: 'projects/p/secrets/one/versions/1',
        LAB_RESULTS_KEY_SECRET_ID: 'projects/p/secrets/two/versions/1',
      },
      'API_KEYS_DIR contradicts',
    ],
    [
      'a full name for one alone',
      { PATIENTS_API_KEY_SECRET_ID: 'projects/p/secrets/one/versions/1' },
      'LAB_RESULTS_KEY_SECRET_ID must be set as well',
    ],
    [
      'a name without a version',
      { SECRET_MANAGER_PROJECT: 'p', PATIENTS_API_KEY_SECRET_ID: 'projects/p/secrets/one' },
      'PATIENTS_API_KEY_SECRET_ID must be projects/P/secrets/S/versions/V',
    ],
    [
      'the emulator without secrets',
      { SECRET_MANAGER_EMULATOR_HOST: '127.0.0.1:9085' },
      'are of use only where SECRET_MANAGER_PROJECT',
    ],
    [
      'the emulator in production',
      {
        NODE_ENV: 'production',
        DATABASE_URL: 'postgres://localhost/x',
        SECRET_MANAGER_PROJECT: 'p',
        SECRET_MANAGER_EMULATOR_HOST: '127.0.0.1:9085',
      },
      'leave it out in production',
    ],
    [
      'local keys in production',
      { NODE_ENV: 'production', DATABASE_URL: 'postgres://localhost/x' },
      'SECRET_MANAGER_PROJECT must name the project',
    ],
    [
      'local keys on another address than loopback',
      { HOST: '0.0.0.0' },
      'only outside production and while HOST is a loopback address',
    ],
    [
      'a consumer named default',
      { CONSUMERS: consumer('default') },
      'CONSUMERS must be a list such as',
    ],
    [
      'a consumer of an unknown collection',
      { CONSUMERS: consumer('research', ['visits']) },
      'CONSUMERS gives research the collection visits; there are patients, lab_results',
    ],
    [
      'two consumers with one secret',
      {
        CONSUMERS:
          '[{"name":"a","collections":{"patients":"s"}},{"name":"b","collections":{"patients":"s"}}]',
      },
      'CONSUMERS gives s to more than one reader',
    ],
    [
      'a certificate without its key',
      { TLS_CERT_FILE: '/tls.crt' },
      'TLS_CERT_FILE and TLS_KEY_FILE must be set both',
    ],
    [
      'a network that is none',
      { ALLOWED_CLIENTS: '10.0.0.0/33' },
      'ALLOWED_CLIENTS must be networks',
    ],
    ['a proxy that is none', { TRUST_PROXY: 'true' }, 'TRUST_PROXY must be a number of proxies'],
  ] as const)('%s', async (_, env, error) => {
    const errors = await errorsOf(env);
    expect(errors.join('\n')).toContain(error);
    expect(errors).toHaveLength(1);
  });
});
