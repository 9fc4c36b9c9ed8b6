/** Answers in fewer bytes: compressed for clients that ask, and 304 for those that have the record already. */
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';

let service: TestService;
const records = Array.from({ length: 40 }, (_, index) => patient(String(index)));
beforeAll(async () => {
  service = await startService();
  await service.write('patients', records);
});
afterAll(() => service.close());

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: zlib.gunzipSync,
  br: zlib.brotliDecompressSync,
  // The types of the oldest Node do not have it.
  ...('zstdDecompressSync' in zlib && {
    zstd: zlib.zstdDecompressSync as (bytes: Buffer) => Buffer,
  }),
};

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const key = keys[path.split(/[/?]/)[1] ?? ''] ?? '';
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { method, headers: { 'x-api-key': key, ...headers } };
    request(`${service.url}${path}`, options, resolve).on('error', reject).end();
  });
  const bytes = await buffer(answer);
  const coding = answer.headers['content-encoding'];
  const body = method === 'HEAD' ? '' : String(decoders[coding ?? '']?.(bytes) ?? bytes);
  return { status: answer.statusCode, headers: answer.headers, coding, bytes, body };
}

const ndjson = { accept: 'application/x-ndjson' };
const one = '/patients/ehr:Patient:1';

describe.each(Object.keys(decoders))('Accept-Encoding: %s', (coding) => {
  const asking = { 'accept-encoding': coding };

  it.each(['/patients', '/patients?limit=7', '/openapi.json'])(
    '200 compressed: %s',
    async (path) => {
      const plain = await ask(path);
      const coded = await ask(path, asking);
      expect([plain.coding, coded.coding, coded.body]).toEqual([undefined, coding, plain.body]);
      expect(coded.bytes.length).toBeLessThan(plain.bytes.length / 2);
      expect(coded.headers['content-length']).toBe(String(coded.bytes.length));
    },
  );

  it('200 compressed: the whole feed as NDJSON', async () => {
    const plain = await ask('/patients', ndjson);
    const coded = await ask('/patients', { ...asking, ...ndjson });
    expect([coded.coding, coded.body]).toEqual([coding, plain.body]);
    expect(coded.headers['content-length']).toBeUndefined();
  });

  it('200 for HEAD with the headers of GET, without its body', async () => {
    const { headers } = await ask('/patients', asking);
    const head = await ask('/patients', asking, 'HEAD');
    const told = ['content-encoding', 'content-length', 'content-type', 'vary'] as const;
    expect(told.map((name) => head.headers[name])).toEqual(told.map((name) => headers[name]));
    expect(head.bytes.length).toBe(0);
  });

  it('200 with a weak tag, by which the record is known again', async () => {
    const plain = await ask(one);
    const { status } = await ask(one, { ...asking, 'if-none-match': plain.headers.etag ?? '' });
    expect([plain.headers.etag?.startsWith('"'), status]).toEqual([true, 304]);
  });
});

describe('Accept-Encoding', () => {
  it.each([
    ['gzip;q=0.2, br;q=0.8', 'br'],
    ['gzip, br;q=0', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['identity, gzip;q=0.5', undefined],
    ['identity', undefined],
    ['compress', undefined],
    ['*;q=0', undefined],
    ['', undefined],
  ])('%j is answered with %s', async (accepted, coding) => {
    const {
      status,
      coding: given,
      headers,
    } = await ask('/patients', { 'accept-encoding': accepted });
    expect([status, given, headers.vary]).toEqual([200, coding, 'Accept, Accept-Encoding']);
  });

  it.each(['/health/live', '/appointments', '/patients?limit=1&cursor=x'])(
    'tiny answers and refusals stay as they are: %s',
    async (path) => {
      expect((await ask(path, { 'accept-encoding': 'gzip' })).coding).toBeUndefined();
    },
  );

  it('a tiny feed as NDJSON stays as it is', async () => {
    const headers = { 'accept-encoding': 'gzip', ...ndjson };
    const { coding, body } = await ask('/appointments', headers);
    expect([coding, body]).toEqual([undefined, '']);
  });

  it('a large record is compressed under a weak tag', async () => {
    await service.write('patients', [patient('2', { name: 'Ä'.repeat(500) })]);
    const { headers, coding } = await ask('/patients/ehr:Patient:2', { 'accept-encoding': 'gzip' });
    expect([coding, headers.etag]).toEqual(['gzip', expect.stringMatching(/^W\/"[0-9a-f-]+"$/)]);
    const held = await ask('/patients/ehr:Patient:2', { 'if-none-match': headers.etag ?? '' });
    expect([held.status, held.headers.etag]).toEqual([304, headers.etag]);
  });
});

describe('If-None-Match', () => {
  it.each(['GET', 'HEAD'])('304 without a body for %s', async (method) => {
    const { headers } = await ask(one);
    const etag = headers.etag ?? '';
    const { status, bytes, headers: told } = await ask(one, { 'if-none-match': etag }, method);
    expect([status, bytes.length, told.etag, told.vary, told['cache-control']]).toEqual([
      ...[304, 0, etag, 'Accept-Encoding', 'private, no-cache'],
    ]);
    expect([told['content-type'], told['content-length']]).toEqual([undefined, undefined]);
  });

  it.each([
    ['*', 304],
    ['W/$', 304],
    ['"other", $', 304],
    ['"a,b" , W/"c",$', 304],
    ['"other"', 200],
    ['$x', 200],
    ['', 200],
  ])('%s: %i', async (form, expected) => {
    const { headers } = await ask(one);
    const sent = form.replace('$x', '"no').replace('$', headers.etag ?? '');
    expect((await ask(one, { 'if-none-match': sent })).status).toBe(expected);
  });

  it('304 as the contract has it, also for fetch, which adds Cache-Control: no-cache', async () => {
    const { headers } = await service.fetch(one, { key: 'patients' });
    const again = { key: 'patients', headers: { 'if-none-match': headers.get('etag') ?? '' } };
    expect((await service.fetch(one, again)).status).toBe(304);
  });

  it('200 once the record has changed', async () => {
    const { headers } = await ask(one);
    await service.write('patients', [patient('1', { name: 'Grace Example' })]);
    const again = await ask(one, { 'if-none-match': headers.etag ?? '' });
    expect([again.status, again.headers.etag === headers.etag]).toEqual([200, false]);
  });

  it('404 for a record that is not there, 401 without a key, whatever it says', async () => {
    const any = { 'if-none-match': '*' };
    expect((await ask('/patients/ehr:Patient:none', any)).status).toBe(404);
    expect((await ask(one, { ...any, 'x-api-key': 'wrong-0123456789' })).status).toBe(401);
  });

  it('200 on a list, which has no tag', async () => {
    expect((await ask('/patients', { 'if-none-match': '*' })).status).toBe(200);
  });
});
