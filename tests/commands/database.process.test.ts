/** The service on a database of the operator's: shared, with roles of its own, or not there. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { keys } from '../support/service.js';
import { type Folder, makeFolder, settingsFor, urlOf } from './processes.js';
import { patientLine } from './resources.js';

let folder: Folder;
const undo: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(async () => {
  await folder.remove();
  for (const step of undo.splice(0).reverse()) await step();
});

async function run(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Without any table; the owner is the server's own role unless one is named. */
async function emptyDatabase(owner?: string): Promise<URL> {
  const server = inject('postgresUrl');
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await run(server, `create database ${name} ${owner === undefined ? '' : `owner ${owner}`}`);
  undo.push(() => run(server, `drop database ${name} with (force)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url;
}

async function role(): Promise<string> {
  const server = inject('postgresUrl');
  const name = `role_${randomBytes(6).toString('hex')}`;
  await run(server, `create role ${name} login password 'secret of ${name}'`);
  undo.push(() => run(server, `drop role ${name}`));
  return name;
}

function as(name: string, database: URL): string {
  const url = new URL(database);
  url.username = name;
  url.password = `secret of ${name}`;
  return url.href;
}

async function statusOf(url: string): Promise<number> {
  const headers = { 'x-api-key': keys.patients ?? '' };
  return (await fetch(`${url}/patients`, { headers })).status;
}

describe('serve with DATABASE_URL', { timeout: 30_000 }, () => {
  it('200 from both of two that start at once on an empty database', async () => {
    const settings = await settingsFor(folder, (await emptyDatabase()).href);
    const both = [folder.serve(settings), folder.serve(settings)];
    const urls = await Promise.all(both.map(urlOf));
    expect(await Promise.all(urls.map(statusOf))).toEqual([200, 200]);
  });

  it('200 under a role that only has grants, and that can neither change nor delete what was', async () => {
    const [owner, reader] = [await role(), await role()];
    const database = await emptyDatabase(owner);
    const settings = {
      ...(await settingsFor(folder, as(reader, database))),
      DATABASE_MIGRATION_URL: as(owner, database),
    };
    const url = await urlOf(folder.serve(settings));
    const file = await folder.write('Patient.ndjson', patientLine('1'));
    const load = await folder.command(['import', file], settings);
    expect([await statusOf(url), load.status, load.stderr]).toEqual([200, 0, '']);
    const refusals = [
      'update change set version = 2',
      'delete from change',
      'delete from record',
      'truncate change',
      'alter table change add forged text',
    ];
    for (const text of refusals) {
      await expect(run(as(reader, database), text), text).rejects.toThrow(
        /permission denied|must be owner/,
      );
    }
    expect(await run(database.href, 'select version from change')).toEqual([{ version: 1 }]);
  });

  it('1 where nothing listens, with host and port but no password', async () => {
    const port = await unusedPort();
    const { status, stderr } = await folder.serve(
      await settingsFor(folder, `postgres://hospital:hunter2@127.0.0.1:${port}/hospital`),
    ).ended;
    expect([status, stderr]).toEqual([
      1,
      `PostgreSQL at 127.0.0.1:${port} cannot be reached (ECONNREFUSED): start it, or correct DATABASE_URL\n`,
    ]);
  });

  it('1 where the password is wrong, with PostgreSQL’s reason but no password', async () => {
    const database = await emptyDatabase();
    database.password = 'hunter2';
    const { status, stderr } = await folder.serve(await settingsFor(folder, database.href)).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+ refuses \(28P01, .*DATABASE_URL.*\n$/);
    expect(stderr).not.toContain('hunter2');
  });

  it('1 from import too, where nothing listens', async () => {
    const port = await unusedPort();
    const file = await folder.write('Patient.ndjson', patientLine('1'));
    const { status, stdout, stderr } = await folder.command(['import', file], {
      DATABASE_URL: `postgres://127.0.0.1:${port}/hospital`,
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`PostgreSQL at 127.0.0.1:${port} cannot be reached`);
  });

  it.each(['PORT', 'METRICS_PORT'])('1 where %s is taken, which it says', async (name) => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const settings = await settingsFor(folder, (await emptyDatabase()).href);
    const { status, stderr } = await folder.serve({ ...settings, [name]: String(port) }).ended;
    holder.close();
    expect([status, stderr]).toEqual([
      1,
      `port ${port} on 127.0.0.1 is taken: end what listens there, or set ${name} to another (0 takes a free one)\n`,
    ]);
  });
});

async function unusedPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
