/** Digests of a feed: parts without gaps that anybody can make of the records, and bounded answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { components } from '../../generated/api.js';
import { positionOfTime } from '../../src/contract/time.js';
import { digestStatement } from '../../src/feed/digest.js';
import { digestOf } from '../support/warehouse/digest.js';
import { patient } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';

interface Digest {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly digest: string;
}

let service: TestService;
let entries: readonly { readonly id: string; readonly position: number }[];

beforeAll(async () => {
  service = await startService();
  await service.write(
    'patients',
    Array.from({ length: 25 }, (_, n) => patient(String(n))),
  );
  const { body } = await service.fetch('/patients?limit=100', { key: 'patients' });
  entries = (body as components['schemas']['Patient'][]).map(({ patient_id, updated_ts }) => ({
    id: patient_id,
    position: positionOfTime(updated_ts),
  }));
});
afterAll(() => service.close());

const get = (query = '') => service.fetch(`/patients/digest${query}`, { key: 'patients' });
const bodyOf = async (query?: string) => (await get(query)).body as Digest;

/** What the answer says is what is made of the records in it. */
function expectTrue({ from, to, count, digest }: Digest): void {
  const inside = entries.filter(
    ({ position }) => position >= positionOfTime(from) && position < positionOfTime(to),
  );
  expect([count, digest]).toEqual([inside.length, digestOf(inside)]);
}

describe('getPatientsDigest', () => {
  it('200 with the whole feed, and where the feed stands', async () => {
    const { body, headers } = await get();
    const digest = body as Digest;
    expect(digest).toMatchObject({ from: '1970-01-01T00:00:00.000000Z', count: 25 });
    expect(positionOfTime(digest.to)).toBe(positionOfTime(headers.get('feed-position') ?? '') + 1);
    expectTrue(digest);
  });

  it('200 with a stretch, its start in it and its end not', async () => {
    const [, second, , fourth] = await service.database.query(
      'select feed_time(position) as at from record order by position',
    );
    const digest = await bodyOf(`?from=${String(second?.at)}&to=${String(fourth?.at)}`);
    expect(digest).toMatchObject({ from: second?.at, to: fourth?.at, count: 2 });
    expectTrue(digest);
  });

  it('200 with zeros where there is nothing', async () => {
    const digest = await bodyOf('?from=2100-01-01T00:00:00Z&to=2100-01-02T00:00:00Z');
    expect(digest).toEqual({
      ...{ from: '2100-01-01T00:00:00.000000Z', to: '2100-01-02T00:00:00.000000Z' },
      ...{ count: 0, digest: '000000000000000' },
    });
  });

  it('400 when the end is before the start', async () => {
    const { status, body } = await get('?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z');
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ parameter: 'to' }] });
  });
});

describe('a large feed', () => {
  beforeAll(async () => {
    await service.database.query(`
      insert into record (collection, id, position, version, patient_id, record_state, digest,
        created_position, created_by, updated_by, load_id, contract, body)
      select 'lab_results', 'ehr:X:' || n, n, 1, 'ehr:Patient:' || (n % 200), 'active', '', n,
        'ehr', 'ehr', 1, '', '{}' from generate_series(1, 25000) as n`);
    await service.database.query("update feed set last = 25000 where collection = 'lab_results'");
    await service.database.query('vacuum analyze record');
  });

  it('200 with 10000 records at most, and where to go on', async () => {
    const ask = async (query: string) =>
      (await service.fetch(`/lab_results/digest${query}`, { key: 'lab_results' })).body as Digest;
    const counts: number[] = [];
    for (let from = '', end = ''; ;) {
      const { to, count } = await ask(from === '' ? '' : `?from=${from}`);
      if (to === end) break;
      counts.push(count);
      from = end = to;
    }
    expect(counts).toEqual([10_000, 10_000, 5_000]);
  });

  it('reads the index of positions alone', async () => {
    const { text, values } = digestStatement({
      ...{ collection: 'lab_results', from: 1000, to: 20_000, limit: 10_000 },
    });
    const [row] = await service.database.query(`explain (analyze, format json) ${text}`, values);
    const plan = JSON.stringify(row);
    expect(plan).toContain('"Index Only Scan"');
    expect(plan).toContain('"Heap Fetches":0');
  });
});
