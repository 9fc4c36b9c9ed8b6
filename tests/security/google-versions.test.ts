/** Which versions of a secret open a collection, by the real client against a local Secret Manager. */
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { SecretName } from '../../src/config/config.js';
import { createGoogleSource } from '../../src/security/secrets/google-source.js';
import type { SecretSource } from '../../src/security/secrets/secret-source.js';
import { maxSteps } from '../../src/security/secrets/google-client.js';
import { addKey, nameOf, project } from '../support/google-keys.js';
import { type SecretManager, startSecretManager } from '../support/secret-manager/server.js';

const secret = 'patients_api_key';
const opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

interface Fixture {
  readonly manager: SecretManager;
  readonly source: SecretSource;
  readonly set: (version: number, state: 'ENABLED' | 'DISABLED' | 'DESTROYED') => void;
  /** The versions that are keys, newest first. */
  readonly versions: () => Promise<readonly string[]>;
}

async function withVersions(count: number, name: Partial<SecretName> = {}): Promise<Fixture> {
  const manager = await startSecretManager();
  for (let version = 1; version <= count; version += 1) {
    addKey(manager, secret, `key-${version}-0123456789abcdef\n`);
  }
  const full = { project, secret, version: 'latest', ...name };
  const source = createGoogleSource({
    names: new Map([[secret, full]]),
    emulator: manager.host,
    callDeadlineMs: 500,
  });
  opened.push(() => {
    manager.stop();
  });
  opened.push(() => source.close?.());
  return {
    manager,
    source,
    set: (version, state) => {
      manager.secrets.setState(`${nameOf(secret)}/versions/${version}`, state);
    },
    versions: async () => (await source.read(secret)).map(({ version }) => version),
  };
}

describe('latest', () => {
  it('is the newest enabled version and the one before it', async () => {
    const { source } = await withVersions(5);
    expect(await source.read(secret)).toEqual([
      { version: '5', value: 'key-5-0123456789abcdef' },
      { version: '4', value: 'key-4-0123456789abcdef' },
    ]);
  });

  it('is one version where the one before it is disabled: an older one never comes back', async () => {
    const { set, versions } = await withVersions(3);
    set(2, 'DISABLED');
    expect(await versions()).toEqual(['3']);
  });

  it.each(['DISABLED', 'DESTROYED'] as const)(
    'is found by number where the last created is %s',
    async (state) => {
      const { set, versions } = await withVersions(6);
      set(6, state);
      expect(await versions()).toEqual(['5', '4']);
    },
  );

  it('is found from nothing where the last created is disabled, in a bounded number of steps', async () => {
    const { manager, set, versions } = await withVersions(37);
    for (let version = 37; version > 30; version -= 1) set(version, 'DISABLED');
    expect(await versions()).toEqual(['30', '29']);
    expect(manager.accesses.length).toBeLessThanOrEqual(maxSteps + 1);
  });

  it('is found again with three calls while nothing changes', async () => {
    const { manager, versions } = await withVersions(9);
    await versions();
    const before = manager.accesses.length;
    expect(await versions()).toEqual(['9', '8']);
    expect(manager.accesses.slice(before).map((name) => name.split('/').at(-1))).toEqual([
      '9',
      '10',
      '8',
    ]);
  });

  it('follows versions that are added, disabled and enabled again', async () => {
    const { manager, set, versions } = await withVersions(1);
    const seen = [await versions()];
    for (let added = 0; added < 3; added += 1) addKey(manager, secret, 'another-0123456789');
    seen.push(await versions());
    set(4, 'DISABLED');
    seen.push(await versions());
    set(4, 'ENABLED');
    seen.push(await versions());
    expect(seen).toEqual([['1'], ['4', '3'], ['3', '2'], ['4', '3']]);
  });

  it('is none where every version is disabled', async () => {
    const { set, versions } = await withVersions(2);
    set(1, 'DISABLED');
    set(2, 'DISABLED');
    expect(await versions()).toEqual([]);
  });

  it('is counted from 1 again where the secret was deleted and made anew', async () => {
    const { manager, versions } = await withVersions(9);
    await versions();
    manager.secrets.delete(nameOf(secret));
    addKey(manager, secret, 'a-new-one-0123456789');
    expect(await versions()).toEqual(['1']);
  });
});

describe('a pinned version', () => {
  it('is that version alone', async () => {
    const { versions } = await withVersions(9, { version: '7' });
    expect(await versions()).toEqual(['7']);
  });

  it('is none while it is disabled, whatever else is enabled', async () => {
    const { set, versions } = await withVersions(9, { version: '7' });
    set(7, 'DISABLED');
    expect(await versions()).toEqual([]);
  });
});

describe('a regional secret', () => {
  it('is read under its full name', async () => {
    const manager = await startSecretManager();
    const name = `projects/${project}/locations/europe-west3/secrets/${secret}`;
    manager.secrets.create(name);
    manager.secrets.add(name, Buffer.from('regional-0123456789'));
    const regional = { project, location: 'europe-west3', secret, version: 'latest' };
    const source = createGoogleSource({
      names: new Map([[secret, regional]]),
      emulator: manager.host,
    });
    const found = await source.read(secret);
    await source.close?.();
    manager.stop();
    expect(found).toEqual([{ version: '1', value: 'regional-0123456789' }]);
  });
});

describe('a payload', () => {
  it('of 64 KiB arrives whole', async () => {
    const { manager, source } = await withVersions(0);
    addKey(manager, secret, 'x'.repeat(65_536));
    expect((await source.read(secret))[0]?.value).toHaveLength(65_536);
  });

  it('with a wrong checksum is no key', async () => {
    const { manager, source } = await withVersions(1);
    manager.faults.wrongChecksum = true;
    await expect(source.read(secret)).rejects.toMatchObject({ kind: 'damaged' });
  });
});

describe('a fault', () => {
  const name = nameOf(secret);

  it('absent: says how the secret is made', async () => {
    const { source } = await withVersions(0);
    await expect(source.read(secret)).rejects.toMatchObject({
      kind: 'absent',
      message: expect.stringMatching(
        `${name}: .*gcloud secrets create ${secret} --project=${project} .*versions add`,
      ) as string,
    });
  });

  it('refused: says which role is missing and how it is granted', async () => {
    const { manager, source } = await withVersions(1);
    manager.faults.denied.add(name);
    await expect(source.read(secret)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(
        `${name}: .*add-iam-policy-binding ${secret} .*secretmanager.secretAccessor`,
      ) as string,
    });
  });

  it.each([
    ['the server says UNAVAILABLE', { code: status.UNAVAILABLE }],
    ['the server is slower than the deadline', { delayMs: 60_000 }],
    ['nobody listens', undefined],
  ])('unreachable: where %s, within the deadline', async (_, faults) => {
    const { manager, source } = await withVersions(1);
    if (faults === undefined) manager.stop();
    else Object.assign(manager.faults, faults);
    const started = performance.now();
    await expect(source.read(secret)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
