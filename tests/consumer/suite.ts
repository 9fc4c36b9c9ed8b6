/** What a producer team relies on, told so that the mock of the contract and the service both have to keep it. */
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type CheckedFetch, checkedFetch } from '../support/checked-fetch.js';
import { keys } from '../support/service.js';

type Row = Readonly<Record<string, unknown>>;

const { collections } = readContract();
const servicePaths = ['/', '/health/live', '/health/ready', '/openapi.json', '/docs'];

/** Requests that the contract allows. Each answer is checked against it by the client. */
export function validRequests(urlOf: () => string): void {
  const fetch: CheckedFetch = (path, ask) => checkedFetch(urlOf(), keys)(path, ask);

  describe.each(collections)('$name', ({ name, listPath, idField }) => {
    const ask = (path: string, headers = {}) => fetch(path, { key: name, headers });

    it('200 with a page of records', async () => {
      const { status, body } = await ask(listPath);
      expect(status).toBe(200);
      expect((body as Row[]).length).toBeGreaterThan(0);
    });

    it('200 with the position to save, the history and its end', async () => {
      const { headers } = await ask(listPath);
      const names = ['next-cursor', 'feed-epoch', 'feed-position', 'x-request-id'];
      expect(names.filter((header) => headers.get(header) === null)).toEqual([]);
      expect(headers.get('cache-control')).toBe('no-store');
    });

    it('200 with the same records one a line', async () => {
      const [lines, page] = [
        await ask(listPath, { accept: 'application/x-ndjson' }),
        await ask(listPath, { accept: 'application/json' }),
      ];
      expect(lines.text.endsWith('\n')).toBe(true);
      const records = lines.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Row);
      expect(records.map((record) => record[idField])).toEqual(
        (page.body as Row[]).map((record) => record[idField]),
      );
    });

    it('200 page after page by Link, until it is gone', async () => {
      let path = `${listPath}?limit=1`;
      let pages = 0;
      for (; path !== '' && pages < 50; pages += 1) {
        const { headers } = await ask(path);
        path = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
      }
      expect(pages).toBeGreaterThan(0);
      expect(pages).toBeLessThan(50);
    });

    it('200 from a saved position, and from a time', async () => {
      const { headers } = await ask(listPath);
      const cursor = headers.get('next-cursor') ?? '';
      expect((await ask(`${listPath}?cursor=${cursor}`)).status).toBe(200);
      const since = `${listPath}?updated_since=2026-01-01T00:00:00Z&limit=5`;
      expect((await ask(since)).status).toBe(200);
    });

    it('200 in the order of updated_ts, each record once', async () => {
      const { body } = await ask(listPath);
      const positions = (body as Row[]).map(({ updated_ts: position }) => String(position));
      expect(positions).toEqual([...new Set(positions)].sort());
    });

    it('200 with one record by its id, private and with a validator', async () => {
      const { body } = await ask(listPath);
      const [first] = body as Row[];
      const id = encodeURIComponent(String(first?.[idField]));
      const { status, body: record, headers } = await ask(`${listPath}/${id}`);
      expect(status).toBe(200);
      expect(body).toContainEqual(record);
      expect(headers.get('etag')).not.toBeNull();
      expect(headers.get('cache-control')).toBe('private, no-cache');
    });

    it('200 with records whose patients are there', async () => {
      const { body } = await ask(listPath);
      const patients = await fetch('/patients', { key: 'patients' });
      const known = new Set((patients.body as Row[]).map(({ patient_id: id }) => id));
      for (const record of body as Row[]) expect(known).toContain(record.patient_id);
    });
  });

  it.each(servicePaths)('200 from %s without a key', async (path) => {
    expect((await fetch(path)).status).toBe(200);
  });
}

/** Requests that the contract does not allow. */
export function refusedRequests(urlOf: () => string): void {
  const fetch: CheckedFetch = (path, ask) => checkedFetch(urlOf(), keys)(path, ask);

  describe.each(collections)('$name', ({ name, listPath }) => {
    it('401 without a key, naming the collection', async () => {
      const { status, headers, body } = await fetch(listPath);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^ApiKey realm="/);
      expect(body).toMatchObject({ type: '/docs#section/Errors/unauthorized' });
    });

    it.each(['limit=0', 'limit=1001', 'limit=ten', 'updated_since=yesterday', 'is_active=maybe'])(
      '400 for %s, naming the parameter',
      async (query) => {
        const { status, body } = await fetch(`${listPath}?${query}`, { key: name });
        expect(status).toBe(400);
        expect(body).toMatchObject({ type: '/docs#section/Errors/invalid-parameter' });
      },
    );
  });
}
