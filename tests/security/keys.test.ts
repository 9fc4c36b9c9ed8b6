/** Each operation with no key, a wrong one, another collection's and the right one, generated from the contract. */
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { openKeys } from '../../src/security/keys.js';
import { exampleRecord } from '../support/records.js';
import { type TestService, keyRing, keys, silent, startService } from '../support/service.js';

const { document, collections } = readContract();
const operations = Object.entries(document.paths).flatMap(([path, { get }]) =>
  get === undefined
    ? []
    : [{ path, operation: get, scheme: Object.keys(get.security?.[0] ?? {})[0] }],
);
const secured = operations.filter(({ scheme }) => scheme !== undefined);
const ids = new Map<string, string>();

let service: TestService;
beforeAll(async () => {
  service = await startService();
  for (const { name } of collections) {
    const record = exampleRecord(name);
    ids.set(name, record.id);
    await service.write(name, [record]);
  }
});
afterAll(() => service.close());

const pathOf = (path: string, scheme = '') => path.replace(/\{[^}]+\}/, ids.get(scheme) ?? '');

describe.each(secured)('$operation.operationId', ({ path, scheme = '' }) => {
  const others = collections.map((collection) => collection.scheme).filter((it) => it !== scheme);
  const refused: [string, string | undefined][] = [
    ['no key', undefined],
    ['an empty key', ''],
    ['a wrong key', 'wrong-0123456789'],
    ['the key with a letter more', `${keys[scheme] ?? ''}x`],
    ...others.map((other): [string, string] => [`the key of ${other}`, keys[other] ?? '']),
  ];

  it.each(refused)('401 with %s', async (_, key) => {
    const { status, headers, body } = await service.fetch(pathOf(path, scheme), {
      ...(key !== undefined && { key }),
    });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe(`ApiKey realm="${scheme}"`);
    expect(body).toMatchObject({ title: 'Unauthorized', status: 401 });
  });

  it('401 before 400: a stranger learns nothing of the parameters', async () => {
    expect((await service.fetch(`${pathOf(path, scheme)}?nonsense=1`)).status).toBe(401);
  });

  it('200 with its own key', async () => {
    expect((await service.fetch(pathOf(path, scheme), { key: scheme })).status).toBe(200);
  });
});

describe.each(operations.filter(({ scheme }) => scheme === undefined))(
  '$operation.operationId',
  ({ path }) => {
    it('200 without a key', async () => {
      expect((await service.fetch(path)).status).toBe(200);
    });
  },
);

describe('a source of keys', () => {
  it('503 while it cannot be asked and nothing is known, and 401 never in its place', async () => {
    const failing = await startService({
      config: { keyRing: { ...keyRing, lateStart: true } },
      secretSource: { read: () => Promise.reject(new Error('the secret manager is down')) },
    });
    const { status, headers } = await failing.fetch('/patients', { key: 'patients' });
    const ready = await failing.fetch('/health/ready');
    await failing.close();
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect([ready.status, ready.body]).toMatchObject([
      503,
      { type: '/docs#section/Errors/not-ready' },
    ]);
    expect(ready.text).not.toContain('api_key');
  });

  it('200 with the previous key as well, while its file is there', async () => {
    const rotated = await startService();
    const file = join(rotated.keysFolder, 'patients_api_key');
    await writeFile(`${file}.previous`, `${keys.patients ?? ''}\n`);
    await writeFile(file, 'a-new-key-0123456789');
    const statusOf = async (key: string) => (await rotated.fetch('/patients', { key })).status;
    await expect.poll(() => statusOf('a-new-key-0123456789'), { timeout: 10_000 }).toBe(200);
    expect(await statusOf('patients')).toBe(200);
    await rotated.close();
  });

  it('refuses to start where a folder lacks a key, and says which file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hospital-no-keys-'));
    const contract = readContract();
    const opening = openKeys({
      config: { kind: 'folder', folder },
      rules: keyRing,
      contract,
      log: silent,
      now: Date.now,
    });
    await expect(opening).rejects.toThrow(`no key in ${folder}/patients_api_key`);
  });

  it('makes local keys once, readable to their owner alone', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'hospital-local-')), 'keys');
    const options = {
      config: { kind: 'local', folder },
      rules: keyRing,
      contract: readContract(),
      log: silent,
      now: Date.now,
    } as const;
    await (await openKeys(options)).close();
    const first = await readFile(join(folder, 'patients_api_key'), 'utf8');
    await (await openKeys(options)).close();
    expect(await readFile(join(folder, 'patients_api_key'), 'utf8')).toBe(first);
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
    expect((await stat(join(folder, 'patients_api_key'))).mode & 0o777).toBe(0o600);
  });
});
