/** Following a feed: through restarts, waits that the service asks for, changed keys and restored stores. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  HistoryEnded,
  type HospitalClient,
  KeyRefused,
  RequestRefused,
  type Retry,
  ServiceUnavailable,
  createHospitalClient,
} from '@hospital-streaming-api/client';
import { patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';

const keyOf = (collection: string) => keys[collection] ?? '';
const clientOf = (url: string) => createHospitalClient({ url, key: keyOf });

async function first<Value>(pages: AsyncGenerator<Value>): Promise<Value> {
  for await (const page of pages) return page;
  throw new Error('no page came');
}

describe('a feed that is followed', { timeout: 60_000 }, () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it('gives every one of 5,000 changes, although the service restarts three times', async () => {
    const [changes, batch, batchesBetweenRestarts] = [5_000, 250, 5];
    const ids: string[] = [];
    const reasons: string[] = [];
    const following = (async () => {
      const pages = clientOf(service.url).follow('patients', {
        limit: 40,
        pollSeconds: 0.05,
        onRetry: ({ reason }) => reasons.push(reason),
      });
      for await (const { records } of pages) {
        ids.push(...records.map(({ source_id: id }) => id));
        if (ids.length >= changes) return;
      }
    })();
    const untilRefused = async () => {
      const before = reasons.length;
      await expect.poll(() => reasons.length, { timeout: 10_000 }).toBeGreaterThan(before);
    };
    for (let done = 0; done < changes; done += batch) {
      const numbers = Array.from({ length: batch }, (_, index) => String(done + index));
      await service.write(
        'patients',
        numbers.map((number) => patient(number)),
      );
      if ((done / batch) % batchesBetweenRestarts === batchesBetweenRestarts - 1) {
        if (done + batch < changes) await service.restart(untilRefused);
      }
    }
    await following;
    expect(ids).toEqual(Array.from({ length: changes }, (_, index) => String(index)));
    expect(reasons).toContain('ECONNREFUSED');
  });

  it('gives the same records as bytes, and goes on behind a saved cursor', async () => {
    const client = clientOf(service.url);
    const [lines, records] = [
      await first(client.followBytes('patients', { limit: 3 })),
      await first(client.follow('patients', { limit: 3 })),
    ];
    expect(
      lines.records.map((line) => JSON.parse(new TextDecoder().decode(line)) as unknown),
    ).toEqual(records.records);
    expect(lines).toMatchObject({ more: true, cursor: records.cursor, epoch: records.epoch });
    const { cursor } = records;
    const [next] = (await first(client.follow('patients', { limit: 1, cursor }))).records;
    expect(next?.patient_id).not.toBe(records.records[2]?.patient_id);
    const since = await first(
      client.follow('patients', { limit: 1, updatedSince: next?.updated_ts }),
    );
    expect(since.records).toEqual([next]);
  });

  it('410 when the position is of another history: HistoryEnded, with the present one', async () => {
    const client = clientOf(service.url);
    const { epoch } = await first(client.follow('patients'));
    const parts = Buffer.from((await first(client.follow('patients'))).cursor, 'base64url');
    const old = parts.toString().replace(epoch, `0${'1'.repeat(15)}`);
    const cursor = Buffer.from(old).toString('base64url');
    const failure = await first(client.follow('patients', { cursor })).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(HistoryEnded);
    expect(failure).toMatchObject({ epoch });
    await expect(first(client.follow('patients', { epoch: '0'.repeat(16) }))).rejects.toThrow(
      HistoryEnded,
    );
  });

  it('400 for a cursor that is none: RequestRefused, with the reason', async () => {
    const failure = first(clientOf(service.url).follow('patients', { cursor: 'x' }));
    await expect(failure).rejects.toThrow(RequestRefused);
    await expect(failure).rejects.toThrow(/Next-Cursor/);
  });

  it('401 makes it ask for the key anew, once', async () => {
    const given = ['an-old-key-0123456789', keyOf('patients')];
    const key = () => given.shift() ?? 'no key is left';
    const client = createHospitalClient({ url: service.url, key });
    expect((await first(client.follow('patients', { limit: 1 }))).records).toHaveLength(1);
    let asked = 0;
    const refused = createHospitalClient({
      url: service.url,
      key: () => `wrong-key-${(asked += 1)}-0123456789`,
    });
    await expect(first(refused.follow('patients'))).rejects.toThrow(KeyRefused);
    expect(asked).toBe(2);
  });

  it('ends with the reason of its signal', async () => {
    const ending = new AbortController();
    const pages = clientOf(service.url).follow('patients', { signal: ending.signal });
    const { cursor } = await first(clientOf(service.url).follow('patients'));
    expect(cursor).not.toBe('');
    await pages.next();
    ending.abort(new Error('enough'));
    await expect(pages.next()).rejects.toThrow('enough');
  });
});

describe('a service that cannot answer', () => {
  const page = { 'next-cursor': 'c', 'feed-epoch': '0'.repeat(16), 'feed-position': 'p' };

  /** Answers one after the other, the last one again and again. */
  async function withAnswers<Result>(
    answers: readonly { status: number; headers?: object; waitMs?: number }[],
    work: (client: HospitalClient, asked: { readonly preferences: string[] }) => Promise<Result>,
  ): Promise<Result> {
    const left = [...answers];
    const preferences: string[] = [];
    const server = createServer((request, response) => {
      preferences.push(String(request.headers.prefer));
      const {
        status,
        headers,
        waitMs = 0,
      } = (left.length > 1 ? left.shift() : left[0]) ?? {
        status: 500,
      };
      setTimeout(() => {
        response.writeHead(status, { ...page, ...headers }).end(status === 200 ? '[]' : '');
      }, waitMs);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      return await work(clientOf(`http://127.0.0.1:${port}`), { preferences });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it.each([
    ['seconds', () => '2'],
    ['a date', () => new Date(Date.now() + 3_000).toUTCString()],
  ])('503 with Retry-After as %s: it waits so long', async (_, retryAfter) => {
    const retries: Retry[] = [];
    await withAnswers(
      [{ status: 503, headers: { 'retry-after': retryAfter() } }, { status: 200 }],
      async (client) => {
        const onRetry = (retry: Retry) => retries.push(retry);
        await first(client.follow('patients', { onRetry }));
      },
    );
    expect(retries).toMatchObject([{ attempt: 1, reason: '503' }]);
    expect(retries[0]?.delayMs).toBeGreaterThan(900);
    expect(retries[0]?.delayMs).toBeLessThan(3_500);
  });

  it('waits longer and longer, and gives up when it was told to', async () => {
    const delays: number[] = [];
    const following = withAnswers([{ status: 500 }], (client) =>
      first(
        client.follow('patients', {
          giveUpAfterSeconds: 3,
          onRetry: ({ delayMs }) => delays.push(delayMs),
        }),
      ),
    );
    await expect(following).rejects.toThrow(ServiceUnavailable);
    expect(delays.length).toBeGreaterThan(1);
    expect(delays[1]).toBeGreaterThan(delays[0] ?? Infinity);
  });

  it('long-polls where the service does, and pauses where it does not', async () => {
    const held = { 'preference-applied': 'wait=7' };
    await withAnswers(
      [{ status: 200 }, { status: 200, headers: held, waitMs: 600 }, { status: 200 }],
      async (client, { preferences }) => {
        const pages = client.follow('patients', { waitSeconds: 7, pollSeconds: 0.3 });
        for (let count = 0; count < 3; count += 1) await pages.next();
        const started = performance.now();
        await pages.next();
        expect(performance.now() - started).toBeGreaterThan(290);
        expect(preferences).toEqual(['undefined', 'wait=7', 'wait=7', 'wait=7']);
      },
    );
  });
});
