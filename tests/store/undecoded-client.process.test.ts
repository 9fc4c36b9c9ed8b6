/** Reads whose rows pg does not decode: what goes wrong is told as ever, and the next read works. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type Database, openDatabase } from '../../src/db/database.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { silent } from '../support/service.js';

let own: TestDatabase;
let database: Database;
beforeAll(async () => {
  own = await createDatabase();
  database = openDatabase({ url: own.url, log: silent, connections: 1 });
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

const long = 300_000;

function read(text: string, ...values: readonly unknown[]) {
  return database.read({ name: text, text, values });
}

async function expectOneWorks(): Promise<void> {
  const rows = await read(`select repeat('é', $1::integer), null, 7`, long);
  expect(rows).toEqual([['Ã©'.repeat(long), null, '7']]);
}

it('the version of pg is the one whose inside is known', () => {
  const { version } = createRequire(import.meta.url)('pg/package.json') as { version: string };
  const said = 'UndecodedClient leans on the inside of pg: look at it, then name the version here';
  expect({ asked: manifest.dependencies.pg, version }, said).toEqual({
    asked: '8.23.1',
    version: '8.23.1',
  });
});

it('an error behind some rows leaves nothing of them', async () => {
  const failing = `select repeat('x', ${long}), 1 / (3 - n) from generate_series(1, 5) as n`;
  await expect(read(failing)).rejects.toMatchObject({ sqlState: '22012' });
  await expectOneWorks();
  await expect(read(failing)).rejects.toMatchObject({ sqlState: '22012' });
});

it('a value that does not fit is refused, and the same statement takes the next one', async () => {
  const text = 'select $1::bigint + 1';
  await expect(read(text, 'one')).rejects.toMatchObject({ sqlState: '22P02' });
  expect(await read(text, 1)).toEqual([['2']]);
  await expect(read(text, 'one')).rejects.toMatchObject({ sqlState: '22P02' });
  expect(await read(text, 2)).toEqual([['3']]);
});

it('a statement that cannot be prepared is no other one’s trouble', async () => {
  for (let times = 0; times < 2; times += 1) {
    await expect(read('select missing')).rejects.toMatchObject({ sqlState: '42703' });
    await expectOneWorks();
  }
});

it('a statement that takes too long is unavailable', async () => {
  await read(`select set_config('statement_timeout', '50ms', false)`);
  await expect(read('select pg_sleep(30)')).rejects.toMatchObject({ name: 'StoreUnavailable' });
  await expectOneWorks();
});

it('a connection that is lost in the middle of a row is unavailable', async () => {
  const proxy = await listen((client, upstream) => {
    let passed = 0;
    upstream.on('data', (bytes: Buffer) => {
      passed += bytes.length;
      client.write(bytes);
      if (passed > long / 2) client.destroy();
    });
    client.pipe(upstream);
  });
  const cut = openDatabase({ url: throughPort(proxy), log: silent, connections: 1 });
  const text = `select repeat('x', ${long})`;
  const lost = cut.read({ name: 'lost', text });
  await expect(lost).rejects.toMatchObject({ name: 'StoreUnavailable' });
  expect(await cut.read({ name: 'next', text: 'select 1' })).toEqual([['1']]);
  await cut.close();
  proxy.close();
});

it('rows come over TLS as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hospital-pg-tls-'));
  const files = { key: join(folder, 'tls.key'), cert: join(folder, 'tls.crt') };
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'],
      ...['-keyout', files.key, '-out', files.cert],
    ],
    { stdio: 'ignore' },
  );
  const [key, cert] = [readFileSync(files.key), readFileSync(files.cert)];
  const proxy = await listen((client, upstream) => {
    // The request for TLS, which is all the client says before it is answered.
    client.once('data', () => {
      const secured = new TLSSocket(client, { isServer: true, key, cert });
      client.write('S');
      secured.on('error', () => upstream.destroy());
      secured.pipe(upstream).pipe(secured);
    });
  });
  const url = new URL(throughPort(proxy));
  url.searchParams.set('sslmode', 'no-verify');
  const secured = openDatabase({ url: url.href, log: silent, connections: 1 });
  const text = `select repeat('é', ${long}), null`;
  expect(await secured.read({ name: 'tls', text })).toEqual([['Ã©'.repeat(long), null]]);
  await secured.close();
  proxy.close();
  rmSync(folder, { recursive: true });
});

/** A server before the database. */
async function listen(serve: (client: Socket, upstream: Socket) => void): Promise<Server> {
  const { hostname, port } = new URL(own.url);
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    serve(client, upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function throughPort(server: Server): string {
  const url = new URL(own.url);
  // A server that listens on a TCP port has an address of this form.
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return url.href;
}
