/** Settings from the environment, .env and YAML: what they become, and each error with what would be right. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, ConfigError, readConfig } from '../../src/config/config.js';
import { readContract } from '../../src/contract/contract.js';
import { secretIdsOfCollections } from '../../src/security/holders.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hospital-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Environment = Readonly<Record<string, string>>;

const contract = readContract();

function read(env: Environment = {}, { keysNeeded = true } = {}): Promise<Config> {
  return readConfig({
    env,
    folder,
    collectionNames: contract.collections.map(({ name }) => name),
    secretIds: secretIdsOfCollections(contract),
    keysNeeded,
  });
}

async function errorsOf(env: Environment): Promise<readonly string[]> {
  try {
    await read(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

const production = {
  NODE_ENV: 'production',
  // What the audit is warned of is not the matter of these tests.
  AUDIT_LOG: 'stdout',
  DATABASE_URL: 'postgres://hospital@localhost/hospital',
  API_KEYS_DIR: '/run/keys',
};

describe('defaults', () => {
  it('are a service on loopback with a database and keys of its own', async () => {
    expect(await read()).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 8080,
      logLevel: 'info',
      database: { kind: 'embedded', folder: join(folder, '.local/postgres') },
      keys: { kind: 'local', folder: join(folder, '.local/keys') },
      demoData: true,
      publicUrl: undefined,
      sourceTimeZone: 'UTC',
      collections: undefined,
      warnings: [],
    });
  });

  it('in production are every address, and no demonstration data', async () => {
    expect(await read(production)).toMatchObject({
      production: true,
      host: '0.0.0.0',
      demoData: false,
      keys: { kind: 'folder', folder: '/run/keys' },
    });
  });

  it('hold for settings that are empty', async () => {
    expect(await read({ PORT: '', LOG_LEVEL: '', DEMO_DATA: '' })).toEqual(await read());
  });

  it('leave demonstration data out where DATABASE_URL is set, even when it is asked for', async () => {
    const env = { DATABASE_URL: 'postgres://localhost/x', DEMO_DATA: 'true' };
    expect((await read(env)).demoData).toBe(false);
  });

  it('cannot be changed', async () => {
    expect(Object.isFrozen(await read())).toBe(true);
  });
});

describe('sources', () => {
  it('count in the order environment, .env, YAML', async () => {
    const CONFIG_FILE = await file('s.yaml', 'PORT: 1\nHOST: 127.0.0.1\nLOG_LEVEL: error\n');
    await file('.env', 'PORT=2\nHOST=127.0.0.2\n');
    expect(await read({ CONFIG_FILE, PORT: '3' })).toMatchObject({
      port: 3,
      host: '127.0.0.2',
      logLevel: 'error',
    });
  });

  it('include the YAML file that .env names', async () => {
    await file('.env', `CONFIG_FILE='${await file('s.yaml', 'PORT: 4\n')}'\n`);
    expect((await read()).port).toBe(4);
  });

  it('take numbers, booleans and lists of YAML', async () => {
    const CONFIG_FILE = await file(
      's.yaml',
      'PORT: 0\nDEMO_DATA: false\nCOLLECTIONS:\n  - patients\n  - lab_results\n',
    );
    expect(await read({ CONFIG_FILE })).toMatchObject({
      port: 0,
      demoData: false,
      collections: ['patients', 'lab_results'],
    });
  });

  it('error: names in the YAML file that are no settings', async () => {
    const CONFIG_FILE = await file('s.yaml', 'PROT: 1\nport: 2\n');
    const errors = await errorsOf({ CONFIG_FILE });
    expect(errors.map((error) => error.slice(0, error.indexOf(';')))).toEqual([
      `${CONFIG_FILE} holds PROT, which is no setting`,
      `${CONFIG_FILE} holds port, which is no setting`,
    ]);
    expect(errors[0]).toContain('there are NODE_ENV, PORT, HOST');
  });

  it('warn of settings that an earlier version had, in each source, and start', async () => {
    const CONFIG_FILE = await file('s.yaml', 'PUBSUB_ORDERING: true\n');
    const config = await read({ CONFIG_FILE, OTEL_METRIC_EXPORT_INTERVAL: '1000' });
    expect(config.warnings).toEqual([
      'OTEL_METRIC_EXPORT_INTERVAL (environment) is no setting any more: metrics are sent once a minute',
      `PUBSUB_ORDERING (${CONFIG_FILE}) is no setting any more: messages carry no ordering key; subscribers go by _CHANGE_SEQUENCE_NUMBER`,
    ]);
  });

  it.each([
    ['a list', '- PORT\n'],
    ['a text', 'PORT\n'],
    ['not YAML', 'PORT: [1\n'],
  ])('error: a YAML file that is %s', async (_, text) => {
    const CONFIG_FILE = await file('s.yaml', text);
    const [error, ...more] = await errorsOf({ CONFIG_FILE });
    expect([error?.startsWith(CONFIG_FILE), more]).toEqual([true, []]);
  });

  it('error: a YAML file that is not there', async () => {
    expect(await errorsOf({ CONFIG_FILE: '/nowhere.yaml' })).toEqual([
      'CONFIG_FILE is /nowhere.yaml, which cannot be read; name a YAML file that can',
    ]);
  });
});

describe('errors', () => {
  it.each([
    ['NODE_ENV', 'prod'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '8080 '],
    ['PORT', '0x50'],
    ['HOST', 'a b'],
    ['LOG_LEVEL', 'INFO'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['DATABASE_URL', 'localhost'],
    ['DATABASE_MIGRATION_URL', 'postgres:'],
    ['DATABASE_TLS', 'on'],
    ['COLLECTIONS', 'patients;lab_results'],
    ['COLLECTIONS', 'patients, lab_results'],
    ['DEMO_DATA', 'False'],
    ['PUBLIC_URL', 'api.example.org'],
    ['SOURCE_TIME_ZONE', 'Mars/Olympus'],
  ])('%s=%s is one, and says what would be right', async (name, text) => {
    const errors = await errorsOf({ [name]: text });
    expect(errors).toEqual([expect.stringMatching(new RegExp(`^${name} must be .{10,}`))]);
  });

  it('are all told at once', async () => {
    expect((await errorsOf({ PORT: 'x', HOST: '!', LOG_LEVEL: 'y', DEMO_DATA: '1' })).length).toBe(
      4,
    );
  });

  it('never quote a value, which may be a password', async () => {
    const errors = await errorsOf({ DATABASE_URL: 'postgres//me:hunter2@db/x', PORT: 'hunter2' });
    expect(errors.join()).not.toContain('hunter2');
  });

  it('error: a wrong DATABASE_URL in production is one error, not a missing one as well', async () => {
    const errors = await errorsOf({ ...production, DATABASE_URL: 'localhost' });
    expect(errors.filter((error) => error.startsWith('DATABASE_URL'))).toHaveLength(1);
  });

  it('takes a percent-encoded socket path for no network', async () => {
    const url = 'postgres://me@%2Fvar%2Frun%2Fpostgresql/hospital';
    const { warnings } = await read({ ...production, DATABASE_URL: url });
    expect(warnings).toEqual([]);
  });

  it('name the collections that there are', async () => {
    expect(await errorsOf({ COLLECTIONS: 'patients,medications,scans' })).toEqual([
      'COLLECTIONS names medications, scans; the contract has patients, appointments, lab_results',
    ]);
  });

  it('in production are no database and no keys', async () => {
    const errors = await errorsOf({ NODE_ENV: 'production' });
    expect(errors).toEqual([
      expect.stringMatching(/^DATABASE_URL must be set in production/),
      expect.stringMatching(/API_KEYS_DIR/),
    ]);
  });

  it('are no keys where the service is open to a network', async () => {
    const errors = await errorsOf({ HOST: '0.0.0.0' });
    expect(errors).toEqual([expect.stringMatching(/API_KEYS_DIR/)]);
  });

  it('leave keys out for commands that need none', async () => {
    const { API_KEYS_DIR: _, ...env } = production;
    await expect(read(env, { keysNeeded: false })).resolves.toMatchObject({ production: true });
  });
});

describe('the way to the database', () => {
  const network = 'postgres://hospital@db.example.org/hospital';

  it.each([
    ['a network', network, {}],
    ['a network by ?host', 'postgres://localhost/hospital?host=db.example.org', {}],
    ['a network with TLS that is not verified', `${network}?sslmode=require`, {}],
    ['a network without TLS', `${network}?sslmode=disable`, {}],
  ])('error in production: %s', async (_, url, env) => {
    const errors = await errorsOf({ ...production, ...env, DATABASE_URL: url });
    expect(errors).toEqual([
      expect.stringMatching(
        /^DATABASE_URL crosses a network without verified TLS: set DATABASE_TLS=verify/,
      ),
    ]);
  });

  it('error in production: the migrations’ URL by itself', async () => {
    const errors = await errorsOf({ ...production, DATABASE_MIGRATION_URL: network });
    expect(errors).toEqual([expect.stringMatching(/^DATABASE_MIGRATION_URL crosses/)]);
  });

  it('may have a replica, of which the same is asked; an error without the primary', async () => {
    const own = 'postgres://127.0.0.1:5433/hospital';
    const near = { DATABASE_URL: own, DATABASE_READ_URL: own, DATABASE_READ_MAX_LAG_SECONDS: '3' };
    expect((await read(near)).database).toMatchObject({ replica: { url: own, maxLagMs: 3_000 } });
    const far = { ...production, DATABASE_URL: own, DATABASE_READ_URL: network };
    expect(await errorsOf(far)).toEqual([expect.stringMatching(/^DATABASE_READ_URL crosses/)]);
    expect(await errorsOf({ DATABASE_READ_URL: own })).toEqual([
      'DATABASE_READ_URL must stand beside DATABASE_URL, whose replica it is',
    ]);
  });

  it.each([
    ['loopback', 'postgres://127.0.0.1:5433/hospital'],
    ['a Unix socket', 'postgres:///hospital?host=/var/run/postgresql'],
    ['a network with verified TLS', `${network}?sslmode=verify-full`],
  ])('is safe in production by %s', async (_, url) => {
    const { database, warnings } = await read({ ...production, DATABASE_URL: url });
    expect([database, warnings]).toEqual([{ kind: 'url', url, migrationUrl: undefined }, []]);
  });

  it('is verified in both URLs by DATABASE_TLS=verify, whatever they say', async () => {
    const { database } = await read({
      ...production,
      DATABASE_URL: `${network}?sslmode=disable`,
      DATABASE_MIGRATION_URL: network,
      DATABASE_TLS: 'verify',
    });
    expect(database).toEqual({
      kind: 'url',
      url: `${network}?sslmode=verify-full`,
      migrationUrl: `${network}?sslmode=verify-full`,
    });
  });

  it('is unprotected by DATABASE_TLS=off, which is said at every start', async () => {
    const { database, warnings } = await read({
      ...production,
      DATABASE_URL: network,
      DATABASE_TLS: 'off',
    });
    expect(database).toMatchObject({ url: `${network}?sslmode=disable` });
    expect(warnings).toEqual([
      'DATABASE_URL crosses a network without TLS, as DATABASE_TLS=off asks for',
    ]);
  });

  it('is the operator’s own matter outside production', async () => {
    expect((await read({ DATABASE_URL: network })).database).toMatchObject({ url: network });
  });
});
