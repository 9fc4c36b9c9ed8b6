/** What a follower of a feed, and a reader of a look-up, may rely on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appointment, labResult, patient } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';

let service: TestService;
const ids = Array.from({ length: 25 }, (_, index) => `${index}`.padStart(2, '0'));

beforeAll(async () => {
  service = await startService();
  await service.write(
    'patients',
    ids.map((id) => patient(id)),
  );
  await service.write(
    'lab_results',
    ids.slice(0, 5).map((id) => labResult(id)),
  );
});
afterAll(() => service.close());

const get = (path: string, headers?: Record<string, string>) =>
  service.fetch(path, { key: 'patients', ...(headers && { headers }) });
const idsOf = (body: unknown) => (body as { patient_id: string }[]).map((it) => it.patient_id);
const nextOf = (headers: Headers) => /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];

async function followLink(start: string): Promise<string[]> {
  const found: string[] = [];
  for (let path: string | undefined = start; path !== undefined;) {
    const { body, headers, status } = await get(path);
    expect(status).toBe(200);
    found.push(...idsOf(body));
    path = nextOf(headers);
  }
  return found;
}

describe('listPatients', () => {
  it.each([1, 7, 100, 1000])('200 gives each record once by Link, %i a page', async (limit) => {
    expect(await followLink(`/patients?limit=${limit}`)).toEqual(
      ids.map((id) => `ehr:Patient:${id}`),
    );
  });

  it('200 gives each record once by Next-Cursor, and then nothing until something changes', async () => {
    const found: string[] = [];
    let cursor = '';
    for (;;) {
      const { body, headers } = await get(`/patients?limit=10${cursor && `&cursor=${cursor}`}`);
      cursor = headers.get('next-cursor') ?? '';
      found.push(...idsOf(body));
      if (idsOf(body).length === 0) break;
    }
    expect(found).toHaveLength(25);
    await service.write('patients', [patient('03', { name: 'Ada Changed' })]);
    const { body } = await get(`/patients?cursor=${cursor}`);
    expect(body).toMatchObject([{ patient_id: 'ehr:Patient:03', name: 'Ada Changed', version: 2 }]);
  });

  it('200 gives the same bytes as NDJSON, one record a line', async () => {
    const array = await get('/patients?limit=1000');
    const lines = await get('/patients?limit=1000', { accept: 'application/x-ndjson' });
    const whole = await get('/patients', { accept: 'application/x-ndjson' });
    expect(`[${lines.text.trimEnd().replaceAll('\n', ',')}]`).toBe(array.text);
    expect(whole.text).toBe(lines.text);
    expect(whole.headers.get('next-cursor')).toBe(array.headers.get('next-cursor'));
    expect(whole.headers.get('link')).toBeNull();
    // Express would hash every page for one.
    expect(array.headers.get('etag')).toBeNull();
  });

  it('200 from updated_since, inclusive to the microsecond', async () => {
    const { body } = await get('/patients?limit=1000');
    const records = body as { updated_ts: string }[];
    const since = records[10]?.updated_ts ?? '';
    expect((await get(`/patients?limit=1000&updated_since=${since}`)).body).toEqual(
      records.slice(10),
    );
  });

  it('200 has no next link in a feed without records, from whatever time on', async () => {
    for (const since of ['1970-01-01T00:00:00Z', '1900-01-01T00:00:00Z', '2026-01-01T00:00:00Z']) {
      const { body, headers } = await service.fetch(`/appointments?updated_since=${since}`, {
        key: 'appointments',
      });
      expect(body).toEqual([]);
      expect(nextOf(headers)).toBeUndefined();
    }
  });

  it('200 repeats limit and updated_since in the link as they were sent', async () => {
    const { headers } = await get(
      '/patients?limit=005&updated_since=2020-01-01T01:00:00.5%2B01:00',
    );
    const next = new URL(nextOf(headers) ?? '', service.url);
    expect(next.pathname).toBe('/patients');
    expect(next.searchParams.get('limit')).toBe('005');
    expect(next.searchParams.get('updated_since')).toBe('2020-01-01T01:00:00.5+01:00');
    expect(next.searchParams.get('cursor')).not.toBeNull();
  });

  it('200 with cursor beside updated_since: the cursor wins', async () => {
    const first = await get('/patients?limit=20');
    const cursor = first.headers.get('next-cursor') ?? '';
    const { body } = await get(
      `/patients?limit=1000&cursor=${cursor}&updated_since=2000-01-01T00:00:00Z`,
    );
    expect(body).toHaveLength(5);
  });

  it('200 tells the newest position, also behind the last page', async () => {
    const { body } = await get('/patients?limit=1000');
    const newest = (body as { updated_ts: string }[]).at(-1)?.updated_ts;
    const { headers } = await get('/patients?limit=1');
    expect(headers.get('feed-position')).toBe(newest);
    expect(headers.get('feed-epoch')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('200 with a filter is a look-up: its last page has no Next-Cursor', async () => {
    const service = await startService();
    await service.write('appointments', [
      appointment('1'),
      appointment('2', { patient_id: 'ehr:Patient:2' }),
      appointment('3'),
      { ...appointment('4'), recordState: 'retracted' },
    ]);
    const ask = async (query: string) => {
      const { body, headers, status } = await service.fetch(`/appointments?${query}`, {
        key: 'appointments',
      });
      return {
        status,
        ids: (body as { source_id: string }[]).map(({ source_id }) => source_id),
        next: nextOf(headers)?.split('?')[1],
        cursor: headers.get('next-cursor'),
      };
    };
    const first = await ask('patient_id=ehr:Patient:1&is_active=true&limit=1');
    const second = await ask(first.next ?? '');
    const inactive = await ask('is_active=false');
    await service.close();
    expect(first).toMatchObject({ ids: ['1'] });
    expect(second).toEqual({ status: 200, ids: ['3'], next: undefined, cursor: null });
    expect(inactive).toMatchObject({ ids: ['4'], cursor: null });
  });

  it.each([
    ['limit=0', 'limit', 'must be >= 1'],
    ['limit=1001', 'limit', 'must be <= 1000'],
    ['limit=1e2', 'limit', 'must be integer'],
    ['limit=0x10', 'limit', 'must be integer'],
    ['limit=%205', 'limit', 'must be integer'],
    ['limit=', 'limit', 'must be integer'],
    ['limit=5&limit=6', 'limit', 'must be given once only'],
    ['page=2', 'page', 'is not a parameter of this operation'],
    ['__proto__=2', '__proto__', 'is not a parameter of this operation'],
    ['is_active=yes', 'is_active', 'must be boolean'],
    ['updated_since=yesterday', 'updated_since', 'must match format "date-time"'],
    ['updated_since=2026-01-01%2000:00:00Z', 'updated_since', 'must match format "date-time"'],
    ['updated_since=2026-01-01T00:00:60Z', 'updated_since', 'must match format "date-time"'],
    ['updated_since=2026-02-30T00:00:00Z', 'updated_since', 'must match format "date-time"'],
    [
      'updated_since=2026-01-01T00:00:00.0000001Z',
      'updated_since',
      'must match format "date-time"',
    ],
    ['cursor=a%20b', 'cursor', expect.stringContaining('must match pattern') as string],
    ['cursor=abc', 'cursor', expect.stringContaining('must be a value that Next-Cursor') as string],
    [
      'is_active=true&updated_since=2026-01-01T00:00:00Z',
      'updated_since',
      expect.stringContaining('cannot stand beside is_active') as string,
    ],
  ])('400 for %s names the parameter and the rule', async (query, parameter, detail) => {
    const { status, body } = await get(`/patients?${query}`);
    expect(status).toBe(400);
    expect((body as { errors: unknown[] }).errors).toContainEqual({ parameter, detail });
  });

  const filters = [
    'is_active=true',
    'patient_id=ehr:Patient:1',
    'is_active=false&patient_id=a:B:1',
  ];
  const since = 'updated_since=2026-01-01T00:00:00Z';
  it.each(filters.flatMap((filter) => [false, true].map((asLines) => ({ filter, asLines }))))(
    '400 for what follows a feed beside $filter, as lines: $asLines',
    async ({ filter, asLines }) => {
      const { headers: of } = await service.fetch('/lab_results?limit=1', { key: 'lab_results' });
      const cursor = `cursor=${of.get('next-cursor') ?? ''}`;
      const accept = asLines ? 'application/x-ndjson' : 'application/json';
      const ask = async (query: string, prefer?: string) => {
        const headers = { accept, ...(prefer !== undefined && { prefer }) };
        const path = `/lab_results?${filter}${query}`;
        const { status, body } = await service.fetch(path, { key: 'lab_results', headers });
        const { errors } = body as { errors?: { parameter: string }[] };
        return `${status} ${errors?.[0]?.parameter ?? ''}`;
      };
      const asked = [
        ask(`&${since}`),
        ask(`&${since}&limit=5`),
        ask(`&${since}&${cursor}`),
        ask(`&${since}`, 'wait=1'),
        ask('', 'wait=1'),
        ask('&limit=5', 'respond-async, wait=0'),
        ask(`&${cursor}`),
        ask(`&${cursor}`, 'wait=1'),
      ];
      expect(await Promise.all(asked)).toEqual([
        ...Array.from({ length: 4 }, () => '400 updated_since'),
        ...Array.from({ length: 2 }, () => '400 Prefer'),
        ...Array.from({ length: 2 }, () => '400 cursor'),
      ]);
    },
  );

  it('400 for a cursor of another collection or another filter', async () => {
    const { headers } = await service.fetch('/lab_results?limit=1', { key: 'lab_results' });
    const foreign = await get(`/patients?cursor=${headers.get('next-cursor') ?? ''}`);
    const own = await get('/patients?limit=1');
    const filtered = await get(
      `/patients?is_active=true&cursor=${own.headers.get('next-cursor') ?? ''}`,
    );
    expect([foreign.status, filtered.status]).toEqual([400, 400]);
    expect(foreign.body).toMatchObject({
      type: '/docs#section/Errors/invalid-cursor',
      detail: expect.stringContaining('lab_results') as string,
    });
  });

  it('410 for a cursor of another history, or ahead of the feed', async () => {
    const service = await startService();
    await service.write('patients', [patient('1'), patient('2')]);
    const { headers } = await service.fetch('/patients?limit=1', { key: 'patients' });
    const saved = headers.get('next-cursor') ?? '';
    await service.database.query(`update feed set last = 0 where collection = 'patients'`);
    const ahead = await service.fetch(`/patients?cursor=${saved}`, { key: 'patients' });
    await service.database.query(
      `update feed set epoch = epoch + 1, last = ${Number.MAX_SAFE_INTEGER}`,
    );
    const other = await service.fetch(`/patients?cursor=${saved}`, { key: 'patients' });
    await service.close();
    expect([ahead.status, other.status]).toEqual([410, 410]);
    expect(other.headers.get('link')).toBe('</patients>; rel="first"');
  });

  it('406 when Accept fits neither media type; q-values are honoured', async () => {
    const refused = await get('/patients', { accept: 'text/html, application/json;q=0' });
    const lines = await get('/patients', {
      accept: 'application/json;q=0.5, application/x-ndjson',
    });
    const any = await get('/patients', { accept: 'text/html, */*;q=0.1' });
    expect(refused.status).toBe(406);
    expect(lines.headers.get('content-type')).toBe('application/x-ndjson');
    expect(any.headers.get('content-type')).toBe('application/json');
  });
});
