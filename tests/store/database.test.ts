/** A connection that is lost in the middle of a transaction or a session. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.js';
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
