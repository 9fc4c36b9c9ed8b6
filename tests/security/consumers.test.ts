/** Named consumers of one collection: keys of their own, told apart in the log, ended one by one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GoogleService, nameOf, startGoogleService } from '../support/google-keys.js';
import { keys } from '../support/service.js';

const secret = (consumer: string) => `patients_api_key_${consumer}`;
const keyOf = (consumer: string, version: number) => `${consumer}-key-${version}-0123456789`;
const refreshMs = 1_000;
/** The refresh interval, and what a busy machine adds. */
const soon = { timeout: refreshMs + 9_000 };

let service: GoogleService;
beforeAll(async () => {
  service = await startGoogleService({
    rules: {
      refreshMs,
      consumers: [
        { name: 'research', collections: { patients: undefined } },
        { name: 'billing', collections: { patients: undefined, appointments: 'billing_visits' } },
      ],
    },
    secrets: {
      [secret('research')]: [keyOf('research', 1), keyOf('research', 2)],
      [secret('billing')]: [keyOf('billing', 1), keyOf('billing', 2)],
      billing_visits: ['billing-visits-0123456789'],
    },
  });
});
afterAll(() => service.close());

describe('a named consumer', () => {
  it('200 for each of its keys and for the default key, 401 for the key of its other collection', async () => {
    const statuses = [
      await service.statusOf('/patients', keyOf('research', 1)),
      await service.statusOf('/patients', keyOf('research', 2)),
      await service.statusOf('/patients', keys.patients ?? ''),
      await service.statusOf('/appointments', 'billing-visits-0123456789'),
      await service.statusOf('/appointments', keyOf('billing', 1)),
      await service.statusOf('/patients', 'billing-visits-0123456789'),
    ];
    expect(statuses).toEqual([200, 200, 200, 200, 401, 401]);
  });

  it('is named, with the version of its key, in the access line and in the count of uses', async () => {
    await service.fetch('/patients', {
      key: keyOf('research', 1),
      headers: { 'x-request-id': 'by-research' },
    });
    await expect
      .poll(() => service.logLines().find(({ requestId }) => requestId === 'by-research'))
      .toMatchObject({ consumer: 'research', keyVersion: '1', operation: 'listPatients' });
    expect(service.logLines()).toContainEqual(
      expect.objectContaining({
        message: 'key in use',
        scheme: 'patients',
        consumer: 'research',
        keyVersion: '1',
      }),
    );
  });
});

describe('both keys of one consumer disabled while both poll', () => {
  it('401 for the one at the next refresh, 200 for the other throughout', async () => {
    const poll = (consumer: string) => pollEvery10Ms(service, keyOf(consumer, 2), consumer);
    const research = poll('research');
    const billing = poll('billing');
    await expect.poll(() => [research.last(), billing.last()], soon).toEqual([200, 200]);
    for (const version of [1, 2]) {
      const name = `${nameOf(secret('research'))}/versions/${version}`;
      service.manager.secrets.setState(name, 'DISABLED');
    }
    await expect.poll(() => research.last(), soon).not.toBe(200);
    const seen = [await research.end(), await billing.end()] as const;
    // Wrong keys of one client may come to their limit in the meantime.
    expect([401, 429]).toContain(seen[0].at(-1)?.status);
    expect(new Set(seen[1].map(({ status }) => status))).toEqual(new Set([200]));
    const named = service
      .logLines()
      .filter(({ requestId }) => /^(?:research|billing)-\d+$/.test(String(requestId)));
    const namedWrongly = named.filter(
      ({ requestId, consumer }) =>
        typeof consumer === 'string' && !String(requestId).startsWith(`${consumer}-`),
    );
    expect(namedWrongly).toEqual([]);
    expect(named.filter(({ consumer }) => consumer === 'billing')).toHaveLength(seen[1].length);
  });
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function pollEvery10Ms({ fetch }: GoogleService, key: string, name: string) {
  const seen: { readonly status: number }[] = [];
  const ending = new AbortController();
  const done = (async () => {
    while (!ending.signal.aborted) {
      const headers = { 'x-request-id': `${name}-${seen.length}` };
      const { status } = await fetch('/patients?limit=1', { key, headers });
      seen.push({ status });
      await sleep(10);
    }
  })();
  return {
    last: () => seen.at(-1)?.status,
    end: async () => {
      ending.abort();
      await done;
      return seen;
    },
  };
}
