/** What every path answers alike, whatever its operation. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractOf, readContract } from '../../src/contract/contract.js';
import { patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  await service.write('patients', [patient('1'), patient('a/b')]);
});
afterAll(() => service.close());

/** Bytes as they are, for what no HTTP client would send. */
async function send(bytes: string, to = service): Promise<string> {
  const { hostname, port } = new URL(to.url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  return text(socket);
}

describe('methods', () => {
  it('200 to HEAD with the headers of GET and no body', async () => {
    const got = await service.fetch('/patients', { key: 'patients' });
    const head = await service.fetch('/patients', { key: 'patients', method: 'HEAD' });
    expect(head.text).toBe('');
    for (const name of ['content-length', 'next-cursor', 'feed-epoch', 'content-type']) {
      expect(head.headers.get(name), name).toBe(got.headers.get(name));
    }
  });

  it('200 to HEAD of a whole feed, whose body is never begun', async () => {
    const head = await service.fetch('/patients', {
      key: 'patients',
      method: 'HEAD',
      headers: { accept: 'application/x-ndjson' },
    });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('401 to HEAD without a key', async () => {
    expect((await service.fetch('/patients', { method: 'HEAD' })).status).toBe(401);
  });

  it.each(Object.keys(readContract().document.paths))(
    '204 to OPTIONS and 405 to others on %s, with Allow',
    async (template) => {
      const path = template.replace(/\{[^}]+\}/, 'ehr:X:1');
      const options = await service.fetch(path, { method: 'OPTIONS' });
      const posted = await service.fetch(path, { method: 'POST' });
      expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
      expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    },
  );
});

describe('paths', () => {
  it.each([
    ['200 to the absolute form that proxies send', 'GET http://other.example/health/live', 200],
    ['400 to an address that is none', 'GET http://[::1/health/live', 400],
    ['400 to what is neither', 'GET health/live', 400],
  ])('%s', async (_, line, status) => {
    const answer = await send(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status === 400) expect(answer).toContain('/docs#section/Errors/bad-request');
  });

  it('400 as a problem without Host', async () => {
    expect(await send('GET /health/live HTTP/1.1\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*needs the field Host/,
    );
  });

  it.each(['/patients/', '/Patients', '//patients', '/patients/a/b', '/healthz'])(
    '404 for %s, which is not in the contract',
    async (path) => {
      const { status, body } = await service.fetch(`${service.url}${path}`, { key: 'patients' });
      expect([status, body]).toMatchObject([404, { type: '/docs#section/Errors/not-found' }]);
    },
  );

  it.each(['/patients/%E0%A4%A', '/patients?cursor=%E0%A4%A', '/nowhere/%', '/patients?%ff=1'])(
    '400 for the malformed percent-escape in %s',
    async (path) => {
      const { status, body } = await service.fetch(path, { key: 'patients' });
      expect([status, body]).toMatchObject([400, { type: '/docs#section/Errors/bad-request' }]);
    },
  );

  it('200 for an id that holds an escaped slash', async () => {
    const { status } = await service.fetch('/patients/ehr:Patient:a%2Fb', { key: 'patients' });
    expect(status).toBe(200);
  });

  it('200 with a Link under the path of PUBLIC_URL, whatever Host says', async () => {
    const proxied = await startService({
      config: { publicUrl: new URL('https://api.example.org/v1/') },
    });
    await proxied.write('patients', [patient('1'), patient('2')]);
    const { headers } = await proxied.fetch('/patients?limit=1', {
      key: 'patients',
      headers: { 'x-forwarded-host': 'evil.example' },
    });
    const refused = await proxied.fetch('/patients');
    const { body } = await proxied.fetch('/openapi.json');
    await proxied.close();
    expect(headers.get('link')).toMatch(/^<\/v1\/patients\?/);
    expect(refused.body).toMatchObject({ type: '/docs#section/Errors/unauthorized' });
    expect(body).toMatchObject({ servers: [{ url: 'https://api.example.org/v1' }] });
  });

  it('404 for a collection that COLLECTIONS leaves out, whose key is not needed', async () => {
    const one = await startService({ config: { collections: ['patients'] } });
    const served = await one.fetch('/patients', { key: 'patients' });
    const left = await fetch(`${one.url}/lab_results`, {
      headers: { 'x-api-key': keys.lab_results ?? '' },
    });
    await one.close();
    expect([served.status, left.status]).toEqual([200, 404]);
  });
});

describe('X-Request-Id', () => {
  it('is the client’s own when it is a sane token, in the answer and in the log', async () => {
    const { headers } = await service.fetch('/health/live', {
      headers: { 'x-request-id': 'trace-42' },
    });
    expect(headers.get('x-request-id')).toBe('trace-42');
    await expect
      .poll(() => service.logLines())
      .toContainEqual(expect.objectContaining({ requestId: 'trace-42', operation: 'getLiveness' }));
  });

  it.each(['', 'a b', 'x'.repeat(129), 'a"b'])('is made where the client sent %j', async (sent) => {
    const { headers } = await service.fetch('/health/live', { headers: { 'x-request-id': sent } });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('stands in the instance of a refusal', async () => {
    const { body } = await service.fetch('/nowhere', { headers: { 'x-request-id': 'r1' } });
    expect(body).toMatchObject({ instance: 'urn:request:r1' });
  });
});

describe('what is not HTTP', () => {
  it('400 for a broken request line, as problem+json', async () => {
    const answer = await send('GET /patients HTTPS/9\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 [^]*application\/problem\+json[^]*bad-request/);
  });

  it('431 for headers that are too large', async () => {
    const answer = await send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431 [^]*header-fields-too-large/);
  });

  it('431 for more than 100 header fields, none of which is dropped', async () => {
    const ask = (fields: number) =>
      send(
        `GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${'a: b\r\n'.repeat(fields - 2)}\r\n`,
      );
    expect(await ask(100)).toMatch(/^HTTP\/1.1 200 /);
    expect(await ask(101)).toMatch(/^HTTP\/1.1 431 [^]*x-request-id: [^]*header-fields-too-large/i);
  });

  it.each([
    ['two Host fields', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: a', 400],
    ['two Host fields of HTTP/1.0', 'GET /health/live HTTP/1.0\r\nHost: a\r\nHost: b', 400],
    ['a Host with a path', 'GET /health/live HTTP/1.1\r\nHost: a/b', 400],
    ['a Host with a user', 'GET /health/live HTTP/1.1\r\nHost: a@b', 400],
    ['two hosts in a Host', 'GET /health/live HTTP/1.1\r\nHost: a b', 400],
    ['HTTP/2.0', 'GET /health/live HTTP/2.0\r\nHost: a', 400],
    ['another expectation', 'GET /health/live HTTP/1.1\r\nHost: a\r\nExpect: 200-foo', 400],
    ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a', 405],
    ['a method that nobody knows', 'BREW /patients HTTP/1.1\r\nHost: a', 405],
  ])('a problem for %s', async (_, head, status) => {
    const answer = await send(`${head}\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/im);
    expect(answer).toContain('application/problem+json');
    expect(/^allow: GET, HEAD, OPTIONS\r$/im.test(answer)).toBe(status === 405);
  });

  it.each(['a', 'a:80', '[::1]:80', '127.0.0.1', ''])('200 for the Host %j', async (host) => {
    const answer = await send(
      `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });

  it('has ten lines in a flood, and one that counts the rest', async () => {
    const flooded = await startService();
    for (let sent = 0; sent < 25; sent += 1) await send('GET /patients HTTPS/9\r\n\r\n', flooded);
    await flooded.close();
    const lines = flooded.logLines();
    expect(lines.filter(({ message }) => message === 'request that is not HTTP')).toHaveLength(10);
    expect(lines).toContainEqual(expect.objectContaining({ refusal: 'not-http', requests: 15 }));
  });
});

describe('the access line', () => {
  it('tells operation, consumer, status, time and bytes, and nothing of the patient or key', async () => {
    await service.fetch('/patients/ehr:Patient:1?', {
      key: 'patients',
      headers: { 'x-request-id': 'access-1' },
    });
    const line = () => service.logLines().find(({ requestId }) => requestId === 'access-1');
    await expect.poll(line).toMatchObject({
      severity: 'INFO',
      message: 'request',
      operation: 'getPatient',
      consumer: 'default',
      milliseconds: expect.any(Number) as number,
      bytes: expect.any(Number) as number,
      httpRequest: { requestMethod: 'GET', status: 200 },
    });
    const all = JSON.stringify(service.logLines());
    expect(all).not.toContain('ehr:Patient:1');
    expect(all).not.toContain('Example');
    expect(all).not.toContain(keys.patients);
  });
});

describe('an operation that has no function', () => {
  it('401 without a key all the same', async () => {
    const { document } = readContract();
    const list = document.paths['/patients']?.get;
    if (list === undefined) throw new Error('no list');
    const contract = contractOf({
      ...document,
      paths: { ...document.paths, '/secrets': { get: { ...list, operationId: 'listSecrets' } } },
    });
    const extended = await startService({ contract });
    const ask = (key?: string) =>
      fetch(`${extended.url}/secrets`, { headers: key === undefined ? {} : { 'x-api-key': key } });
    const statuses = [await ask(), await ask('wrong'), await ask(keys.patients)];
    await extended.close();
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 500]);
  });
});
