/** A feed as bytes: in parts while it arrives, and through answers that break off. */
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HistoryEnded, type Part, createHospitalClient } from '@hospital-streaming-api/client';
import { patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';

const key = (collection: string) => keys[collection] ?? '';

interface Line {
  readonly patient_id: string;
  readonly updated_ts: string;
}

const read = ({ records }: Part): readonly Line[] =>
  records.map((line) => JSON.parse(new TextDecoder().decode(line)) as Line);

async function partsTo(parts: AsyncGenerator<Part>, isEnough: (part: Part) => boolean) {
  const read: Part[] = [];
  for await (const part of parts) {
    read.push(part);
    if (isEnough(part)) break;
  }
  return read;
}

describe('a feed as bytes', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
    const ids = Array.from({ length: 2_000 }, (_, index) => String(index));
    await service.write(
      'patients',
      ids.map((id) => patient(id)),
    );
  });
  afterAll(() => service.close());

  it('comes in parts, of which the last has the cursor, and goes on at any of them', async () => {
    const client = createHospitalClient({ url: service.url, key });
    const parts = await partsTo(client.followBytes('patients'), ({ more }) => !more);
    const cursors = parts.map(({ cursor }) => cursor);
    expect(cursors.length).toBeGreaterThan(1);
    expect(cursors.filter((cursor) => cursor !== undefined)).toEqual([cursors.at(-1)]);
    const answer = await client.api.GET('/patients', { parseAs: 'text', headers: ndjson });
    const lines = String(answer.data).trimEnd().split('\n');
    expect(parts.flatMap(read)).toEqual(lines.map((line) => JSON.parse(line) as Line));

    const [first] = parts;
    const { updatedThrough: updatedSince, epoch } = first ?? {};
    const rest = client.followBytes('patients', { updatedSince, epoch });
    const read1 = (await partsTo(rest, ({ more }) => !more)).flatMap(read);
    expect(read1).toEqual(parts.flatMap(read).slice((first?.records.length ?? 0) - 1));

    const cursor = cursors.at(-1);
    const [behind] = await partsTo(client.followBytes('patients', { cursor, epoch }), () => true);
    expect(behind).toMatchObject({ records: [], cursor, more: false });
  });
});

const ndjson = { accept: 'application/x-ndjson' };

describe('an answer that breaks off', () => {
  const times = [1, 2, 3].map((micros) => `2026-01-05T08:00:00.00000${micros}Z`);
  const [first, second, third] = times.map((time) => `{"patient_id":"p","updated_ts":"${time}"}`);

  /** Answers one request after the other. */
  async function followed(answers: readonly ((response: ServerResponse) => void)[]) {
    const asked: string[] = [];
    const left = [...answers];
    const server = createServer((request, response) => {
      asked.push(`${request.url ?? ''} ${String(request.headers['accept-encoding'])}`);
      left.shift()?.(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = createHospitalClient({ url: `http://127.0.0.1:${port}`, key });
    try {
      const parts = await partsTo(client.followBytes('patients'), ({ more }) => !more);
      return { asked, parts };
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const begin = (response: ServerResponse, position = times[2] ?? '') =>
    response.writeHead(200, {
      ...{ 'next-cursor': 'c', 'feed-epoch': '0'.repeat(16), 'feed-position': position },
    });
  const breakOff = (response: ServerResponse) => {
    begin(response).write(`${first ?? ''}\n${second ?? ''}\n${third?.slice(0, 20) ?? ''}`, () =>
      response.destroy(),
    );
  };

  it('gives its whole lines, and goes on at the last of them', async () => {
    const { asked, parts } = await followed([
      breakOff,
      (response) => begin(response).end(`${second ?? ''}\n${third ?? ''}\n`),
    ]);
    expect(asked).toEqual([
      '/patients identity',
      `/patients?updated_since=${encodeURIComponent(times[1] ?? '')} identity`,
    ]);
    expect(parts.map((part) => read(part).map(({ updated_ts: time }) => time))).toEqual([
      times.slice(0, 2),
      times.slice(1),
    ]);
    expect(parts).toMatchObject([
      { cursor: undefined, more: true, updatedThrough: times[1] },
      { cursor: 'c', more: false, updatedThrough: times[2] },
    ]);
  });

  it('is not gone on with where the feed is behind it: HistoryEnded', async () => {
    const restored = followed([
      breakOff,
      (response) => begin(response, '2026-01-05T07:00:00.000000Z').end(),
    ]);
    await expect(restored).rejects.toThrow(HistoryEnded);
  });
});
