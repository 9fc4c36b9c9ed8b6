/** How the service is reached: through proxies, from networks, by TLS, and by how many at a time. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { clientAddress } from '../../src/http/client-address.js';
import { type TestService, startService, transport } from '../support/service.js';

let service: TestService | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

async function start(changes: Partial<typeof transport>): Promise<TestService> {
  return (service = await startService({ config: { transport: { ...transport, ...changes } } }));
}

const asked = (peer: string, forwarded: string) => ({
  socket: { remoteAddress: peer },
  headers: { 'x-forwarded-for': forwarded },
});

describe('the address of the client', () => {
  it.each([
    [
      'the peer, whatever X-Forwarded-For says, where nobody is trusted',
      undefined,
      '203.0.113.9, 10.0.0.1',
      '10.0.0.1',
    ],
    ['the last that was added, behind one proxy', 1, '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['the last but one, behind two', 2, '6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    [
      'the first outside the trusted networks',
      ['10.0.0.0/8'],
      '6.6.6.6, 203.0.113.9, 10.0.0.2',
      '203.0.113.9',
    ],
    ['the peer where it is not a trusted proxy', ['192.168.0.0/16'], '203.0.113.9', '10.0.0.1'],
    ['the peer where what was added is no address', 1, 'nonsense', '10.0.0.1'],
    ['without the port that a proxy added', 1, '203.0.113.9:4711', '203.0.113.9'],
    ['an IPv6 address in its brackets', 1, '[2001:db8::1]:4711', '2001:db8::1'],
  ] as const)('is %s', (_, trustProxy, forwarded, client) => {
    expect(clientAddress(trustProxy)(asked('::ffff:10.0.0.1', forwarded))).toBe(client);
  });

  it('stands in the access line', async () => {
    const running = await start({ trustProxy: 1 });
    await running.fetch('/health/live', {
      headers: { 'x-forwarded-for': '203.0.113.9', 'x-request-id': 'seen' },
    });
    await expect
      .poll(() => running.logLines().find(({ requestId }) => requestId === 'seen'))
      .toMatchObject({ httpRequest: { remoteIp: '203.0.113.9' } });
  });
});

describe('ALLOWED_CLIENTS', () => {
  it('403 from elsewhere whatever the key, 200 from a network of the list, and health to all', async () => {
    const running = await start({
      trustProxy: 1,
      allowedClients: ['203.0.113.0/24', '2001:db8::/32'],
    });
    const from = async (address: string, path = '/patients') => {
      const headers = { 'x-forwarded-for': address };
      return (await running.fetch(path, { key: 'patients', headers })).status;
    };
    expect([
      await from('203.0.113.77'),
      await from('2001:db8::5'),
      await from('198.51.100.1'),
      await from('2001:db9::5'),
      await from('198.51.100.1', '/health/live'),
    ]).toEqual([200, 200, 403, 403, 200]);
  });
});

describe('the headers of every answer', () => {
  it.each(['/patients', '/health/live', '/openapi.json', '/nowhere', '/patients/%'])(
    'keep a browser from making a page of %s',
    async (path) => {
      const running = await start({});
      const { headers } = await running.fetch(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('strict-transport-security')).toBeNull();
      expect([headers.get('x-powered-by'), headers.get('server')]).toEqual([null, null]);
    },
  );

  it('let the documentation page run what stands in it, and load nothing', async () => {
    const running = await start({});
    const { headers } = await running.fetch('/docs');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src(?: 'sha256-[\w+/]+=*')+;/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:/);
  });

  it('demand TLS where PUBLIC_URL says that clients use it', async () => {
    service = await startService({ config: { publicUrl: new URL('https://api.example.org') } });
    const { headers } = await service.fetch('/health/live');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  });
});

describe('MAX_CONNECTIONS', () => {
  it('closes further connections at once, and takes new ones when others have gone', async () => {
    const running = await start({ maxConnections: 2 });
    const { port, hostname } = new URL(running.url);
    const sockets = [1, 2, 3].map(() => connect(Number(port), hostname));
    await Promise.race(sockets.map((socket) => once(socket, 'close')));
    expect(sockets.filter(({ destroyed }) => destroyed)).toHaveLength(1);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await running.fetch('/health/live')).status).toBe(200);
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hospital-tls-'));
  const files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
  const certify = (name: string) => {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
      ].concat([
        '-days',
        '1',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        files.keyFile,
        '-out',
        files.certFile,
      ]),
      { stdio: 'ignore' },
    );
  };
  /** The name in the certificate that a new connection is shown. */
  const shown = (url: string) =>
    new Promise<unknown>((resolve, reject) => {
      const { port, hostname: host } = new URL(url);
      const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().subject.CN);
        socket.destroy();
      });
      socket.on('error', reject);
    });

  it('200 over TLS by its own certificate, and by a new one once the files change', async () => {
    certify('first.example');
    const running = await start({ tls: files });
    const status = await new Promise((resolve, reject) => {
      request(`${running.url}/health/live`, { rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers['strict-transport-security']]);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toEqual([200, 'max-age=31536000']);
    expect(await shown(running.url)).toBe('first.example');
    certify('second.example');
    await expect
      .poll(() => shown(running.url), { timeout: 12_000, interval: 500 })
      .toBe('second.example');
    writeFileSync(files.certFile, 'no certificate');
    await expect
      .poll(() => running.logLines().filter(({ severity }) => severity === 'ERROR').length, {
        timeout: 8_000,
      })
      .toBe(1);
    expect(await shown(running.url)).toBe('second.example');
    expect(JSON.stringify(running.logLines())).not.toContain(
      readFileSync(files.keyFile, 'utf8').slice(40, 80),
    );
  }, 40_000);

  it('refuses to start with a certificate that cannot be used, and names the settings', async () => {
    certify('first.example');
    writeFileSync(files.certFile, 'no certificate');
    await expect(start({ tls: files })).rejects.toThrow('TLS_CERT_FILE and TLS_KEY_FILE must hold');
  });
});
