/** The partition of a month is made once, however many services come to a new month at the same time. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';

let database: TestDatabase;
let clients: readonly pg.Client[];
beforeAll(async () => {
  database = await createDatabase();
  clients = [1, 2].map(() => new pg.Client({ connectionString: database.url }));
  await Promise.all(clients.map((client) => client.connect()));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await database.drop();
});

it('waits for who makes it, and goes on with it', async () => {
  const [first, second] = clients;
  const make = "select audit_partitions('2031-05-01T00:00:00Z')";
  await first?.query(`begin; ${make}`);
  const waiting = second?.query(make);
  const isWaiting = () =>
    database.query("select 1 from pg_locks where locktype = 'advisory' and not granted");
  await expect.poll(isWaiting).toHaveLength(1);
  await first?.query('commit');
  await waiting;
  const made = await database.query(
    `select c.relname as name, count(t.oid)::int as triggers
     from pg_class c join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'audit_not_emptied'
     where c.relname like 'audit_2031%' group by c.relname order by c.relname`,
  );
  expect(made).toEqual([
    { name: 'audit_2031_05', triggers: 1 },
    { name: 'audit_2031_06', triggers: 1 },
  ]);
});
