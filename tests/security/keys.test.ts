/** Each operation with every kind of key, generated from the contract: a new operation is covered without an edit. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { secretIdsOf } from '../../src/security/holders.js';
import { type GoogleService, nameOf, startGoogleService } from '../support/google-keys.js';
import { exampleRecord } from '../support/records.js';

const contract = readContract();
const secretIds = secretIdsOf(contract);
const operations = Object.entries(contract.document.paths).flatMap(([path, { get }]) =>
  get === undefined
    ? []
    : [{ path, operation: get, scheme: Object.keys(get.security?.[0] ?? {})[0] }],
);
const secured = operations.filter(({ scheme }) => scheme !== undefined);
const keyOf = (scheme: string, age: 'disabled' | 'previous' | 'newest') =>
  `${age}-key-of-${scheme}-0123456789`;

let service: GoogleService;
beforeAll(async () => {
  service = await startGoogleService({
    secrets: Object.fromEntries(
      [...secretIds].map(([scheme, secretId]) => [
        secretId,
        [keyOf(scheme, 'previous'), keyOf(scheme, 'newest'), keyOf(scheme, 'disabled')],
      ]),
    ),
  });
  for (const [scheme, secretId] of secretIds) {
    service.manager.secrets.setState(`${nameOf(secretId)}/versions/4`, 'DISABLED');
    // Refreshes, so that the version just disabled is known to be.
    expect(await service.statusOf(listPathOf(scheme), 'unknown-0123456789')).toBe(401);
  }
  for (const { name } of contract.collections) await service.write(name, [exampleRecord(name)]);
});
afterAll(() => service.close());

function listPathOf(scheme: string): string {
  return contract.collections.find((collection) => collection.scheme === scheme)?.listPath ?? '/';
}

/** The path of a record that there is. */
function pathOf(path: string, scheme: string): string {
  const collection = contract.collections.find((candidate) => candidate.scheme === scheme);
  const id = collection === undefined ? '' : exampleRecord(collection.name).id;
  return path.replace(/\{[^}]+\}/, encodeURIComponent(id));
}

/** Bytes and repetitions of the header as given, which `fetch` would not send. */
function statusWith(path: string, keys: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, service.url), { headers: { 'x-api-key': [...keys] } });
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe.each(secured)('$operation.operationId', ({ path, scheme = '' }) => {
  const others = [...secretIds.keys()].filter((other) => other !== scheme);
  const newest = keyOf(scheme, 'newest');
  const refused: [string, readonly string[]][] = [
    ['no key', []],
    ['an empty key', ['']],
    ['a wrong key', ['wrong-0123456789']],
    ['the key with a letter more', [`${newest}x`]],
    ['the key without its last letter', [newest.slice(0, -1)]],
    ['a disabled version', [keyOf(scheme, 'disabled')]],
    ['the key twice', [newest, newest]],
    ['a wrong key and the right one', ['wrong-0123456789', newest]],
    ['a key of 8 KiB', ['x'.repeat(8192)]],
    ['a key that is not ASCII', ['schlüssel-0123456789']],
    ...others.map((other): [string, readonly string[]] => [
      `the key of ${other}`,
      [keyOf(other, 'newest')],
    ]),
  ];

  it.each(refused)('401 with %s', async (_, keys) => {
    expect(await statusWith(pathOf(path, scheme), keys)).toBe(401);
  });

  it('401 that names the realm and no more', async () => {
    const { status, headers, body } = await service.fetch(pathOf(path, scheme));
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe(`ApiKey realm="${scheme}"`);
    expect(body).toMatchObject({ title: 'Unauthorized', status: 401 });
  });

  it('401 with the key in the query: it is no place for one', async () => {
    const inQuery = `${pathOf(path, scheme)}?x-api-key=${newest}`;
    expect((await service.fetch(inQuery)).status).toBe(401);
  });

  it('401 before 400: a stranger learns nothing of the parameters', async () => {
    expect((await service.fetch(`${pathOf(path, scheme)}?nonsense=1`)).status).toBe(401);
  });

  it.each(['newest', 'previous'] as const)('200 with the %s version', async (age) => {
    expect(await service.statusOf(pathOf(path, scheme), keyOf(scheme, age))).toBe(200);
  });
});

describe.each(operations.filter(({ scheme }) => scheme === undefined))(
  '$operation.operationId',
  ({ path }) => {
    it('200 without a key', async () => {
      expect((await service.fetch(path)).status).toBe(200);
    });

    it('200 without the name of a secret in it', async () => {
      const { text } = await service.fetch(path);
      for (const secretId of secretIds.values()) expect(text).not.toContain(secretId);
    });
  },
);
