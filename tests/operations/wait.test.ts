/** What a reader that asks for `Prefer: wait` may rely on. */
import { get as httpGet } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/database.js';
import { type PageRequest, readPage } from '../../src/feed/page.js';
import { createLongPolls } from '../../src/feed/long-poll.js';
import { labResult, patient } from '../support/records.js';
import { type TestService, keys, silent, startService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  await service.write('patients', [patient('1')]);
});
afterAll(() => service.close());

const ask = (path: string, prefer: string, headers = {}) =>
  service.fetch(path, { key: 'patients', headers: { prefer, ...headers } });
const idsOf = (body: unknown) => (body as { source_id: string }[]).map((it) => it.source_id);

/** The present end of the feed. */
async function end(): Promise<string> {
  const { headers } = await service.fetch('/patients?limit=1000', { key: 'patients' });
  return headers.get('next-cursor') ?? '';
}

async function timed<Result>(work: Promise<Result>) {
  const startedMs = performance.now();
  const result = await work;
  return { result, ms: performance.now() - startedMs };
}

/** How many connections listen for changes. */
async function listening(): Promise<number> {
  const [row] = await service.database.query(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name = 'hospital-streaming-api waiting'`,
  );
  return Number(row?.count);
}

describe('listPatients with Prefer: wait', () => {
  it('200 at once where records are waiting, and says what it would have done', async () => {
    const { result, ms } = await timed(ask('/patients', 'respond-async, wait=45'));
    expect(idsOf(result.body)).toContain('1');
    expect(result.headers.get('preference-applied')).toBe('wait=30');
    expect(ms).toBeLessThan(5_000);
  });

  it.each(['application/json', 'application/x-ndjson'])(
    '200 as %s as soon as a record arrives',
    async (accept) => {
      for (const limit of ['limit=10&', '']) {
        const cursor = await end();
        const waiting = timed(ask(`/patients?${limit}cursor=${cursor}`, 'wait=20', { accept }));
        await pause(100);
        await service.write('patients', [patient('2', { name: `${accept} ${limit}` })]);
        const { result, ms } = await waiting;
        const line = result.text.replace(/^\[|\]$/g, '');
        expect(JSON.parse(line)).toMatchObject({ source_id: '2', name: `${accept} ${limit}` });
        expect(result.headers.get('next-cursor')).toBe(await end());
        expect(ms).toBeLessThan(5_000);
      }
    },
  );

  it('200 with an empty page once the time is over, and the same position', async () => {
    const cursor = await end();
    const { result, ms } = await timed(ask(`/patients?cursor=${cursor}`, 'wait=1'));
    expect([result.text, result.headers.get('next-cursor')]).toEqual(['[]', cursor]);
    expect(ms).toBeGreaterThan(990);
    expect(ms).toBeLessThan(5_000);
  });

  it('200 from updated_since in the future, as soon as a record has that time', async () => {
    const [row] = await service.database.query('select feed_clock() + 2000000 as soon');
    const [at] = await service.database.query('select feed_time($1) as time', [row?.soon]);
    const waiting = ask(`/patients?updated_since=${String(at?.time)}`, 'wait=20');
    await service.write('patients', [patient('early')]);
    const isThen = () => service.database.query('select feed_clock() > $1 as now', [row?.soon]);
    await expect.poll(isThen, { timeout: 10_000 }).toEqual([{ now: true }]);
    await service.write('patients', [patient('late')]);
    expect(idsOf((await waiting).body)).toEqual(['late']);
  });

  it('200 after the connection that listens was lost', async () => {
    const waiting = ask(`/patients?cursor=${await end()}`, 'wait=20');
    await expect.poll(listening).toBe(1);
    await service.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'hospital-streaming-api waiting'`,
    );
    await service.write('patients', [patient('3')]);
    expect(idsOf((await waiting).body)).toEqual(['3']);
  });

  it('200 for a change of its own collection, woken by no other', async () => {
    const waiting = timed(ask(`/patients?cursor=${await end()}`, 'wait=1'));
    await service.write('lab_results', [labResult('1')]);
    const { result, ms } = await waiting;
    expect([result.text, ms > 990]).toEqual(['[]', true]);
  });

  it.each(['wait=soon', 'wait', 'return=minimal', 'code=200'])(
    '200 at once for %s, which asks for no wait',
    async (prefer) => {
      const { headers, text } = await ask(`/patients?cursor=${await end()}`, prefer);
      expect([text, headers.get('preference-applied')]).toEqual(['[]', null]);
    },
  );

  it('400 beside a filter', async () => {
    const { status, body } = await ask('/patients?is_active=true', 'wait=5');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      errors: [{ parameter: 'Prefer', detail: expect.stringContaining('is_active') as string }],
    });
  });

  it('410 at once for a cursor of another history, and when one begins during the wait', async () => {
    const own = await startService();
    await own.write('patients', [patient('1')]);
    const { headers } = await own.fetch('/patients', { key: 'patients' });
    const path = `/patients?cursor=${headers.get('next-cursor') ?? ''}`;
    const wait = { key: 'patients', headers: { prefer: 'wait=20' } };
    const waiting = own.fetch(path, wait);
    await pause(200);
    await own.database.query('update feed set epoch = epoch + 1');
    const statuses = [(await waiting).status, (await own.fetch(path, wait)).status];
    await own.close();
    expect(statuses).toEqual([410, 410]);
  });

  it('200 with the empty page at once when the service ends', async () => {
    const own = await startService();
    await own.write('patients', [patient('1')]);
    const { headers } = await own.fetch('/patients', { key: 'patients' });
    const waiting = own.fetch(`/patients?cursor=${headers.get('next-cursor') ?? ''}`, {
      key: 'patients',
      headers: { prefer: 'wait=30' },
    });
    await pause(200);
    const { ms } = await timed(own.close());
    expect((await waiting).text).toBe('[]');
    expect(ms).toBeLessThan(5_000);
  });

  it('those whose clients left are forgotten', async () => {
    const path = `${service.url}/patients?cursor=${await end()}`;
    const requests = Array.from({ length: 20 }, () => {
      const headers = { 'x-api-key': keys.patients, prefer: 'wait=30' };
      return httpGet(path, { headers }).on('error', () => undefined);
    });
    await expect.poll(listening).toBe(1);
    await pause(300);
    for (const request of requests) request.destroy();
    const aborted = () => service.logLines().filter((line) => line.aborted === true).length;
    await expect.poll(aborted).toBe(20);
  });
});

describe('readers behind the same position', () => {
  it('share one query when they are woken, and hold no connection while they wait', async () => {
    const { url } = service.database;
    const database = openDatabase({ url, log: silent });
    let [reads, read] = [0, 0];
    const readPageCounted = (request: PageRequest) => {
      reads += 1;
      return readPage(database, request).finally(() => (read += 1));
    };
    const waiting = createLongPolls({ url, log: silent, readPage: readPageCounted });
    const [feed] = await service.database.query(
      `select last from feed where collection = 'patients'`,
    );
    const request = {
      ...{ collection: 'patients', after: Number(feed?.last), limit: 10, filter: {} },
      form: 'array' as const,
    };
    const pages = Array.from({ length: 2_000 }, () =>
      waiting.read(request, { waitMs: 20_000, signal: new AbortController().signal }),
    );
    // Once when they come, and once more when the connection that listens is there.
    await expect.poll(() => [reads, read]).toEqual([2, 2]);
    expect(waiting.readers()).toBe(2_000);
    expect(database.pools().map(({ used, waiting: queued }) => used + queued)).toEqual([0, 0]);
    await service.write('patients', [patient('5')]);
    const answers = new Set(await Promise.all(pages));
    await waiting.close();
    await database.close();
    expect([answers.size, reads]).toEqual([1, 3]);
  });
});
