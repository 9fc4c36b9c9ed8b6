/** Connections that are lost, in the middle of something or before they were of any use. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** While no statement is under way. */
async function loseConnection(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  await own.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  await ended;
}

describe.each(['transaction', 'session'] as const)('a %s whose connection is lost', (kind) => {
  it('ends as unavailable, and the next one works', async () => {
    const lost = database[kind](async (client) => {
      await loseConnection(client);
      await client.query('select');
    });
    await expect(lost).rejects.toMatchObject({ name: 'StoreUnavailable' });
    const next = await database[kind](async (client) => client.query('select 1 as one'));
    expect(next.rows).toEqual([{ one: 1 }]);
  });
});

/** A line to the database that is cut as soon as a connection says `word`. */
async function lineCutAt(word: string) {
  const { port, hostname } = new URL(own.url);
  const line = createServer((near) => {
    const far = connect(Number(port), hostname);
    far.pipe(near).on('error', () => undefined);
    far.on('error', () => undefined);
    near.on('data', (bytes) => {
      if (bytes.includes(word)) near.destroy();
      else far.write(bytes);
    });
    near.on('close', () => far.destroy());
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  const url = new URL(own.url);
  url.port = String((line.address() as AddressInfo).port);
  return { url: url.href, close: () => line.close() };
}

describe('a connection that is lost while it is set up for reading', () => {
  it('ends as unavailable, and nothing else with it', async () => {
    const line = await lineCutAt('plan_cache_mode');
    const reading = openDatabase({ url: line.url, log: silent, connections: 1 });
    await expect(reading.read({ name: 'one', text: 'select 1' })).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
    await reading.close();
    line.close();
  });
});
