/** Brings a database to the present schema; instances that start together take turns. */
import pg from 'pg';
import { migrations } from './migrations/migrations.js';

/** Any number that no other program locks in this database: "feed" in ASCII. */
const migrationLock = 0x66656564;

/**
 * @param serviceRole the role that the service runs under when migrations run under another: it is granted what the
 *   service needs, which leaves out changing or deleting what is append only
 */
export async function migrate(url: string, serviceRole?: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await applyMissing(client);
    if (serviceRole !== undefined) await grant(client, serviceRole);
  } finally {
    await client.end();
  }
}

async function applyMissing(client: pg.Client): Promise<void> {
  await client.query(
    'create table if not exists migration (name text primary key, applied timestamptz not null default now())',
  );
  const applied = await client.query<{ name: string }>('select name from migration');
  const names = new Set(applied.rows.map(({ name }) => name));
  for (const { name, sql } of migrations) {
    if (names.has(name)) continue;
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into migration (name) values ($1)', [name]);
    await client.query('commit');
  }
}

async function grant(client: pg.Client, role: string): Promise<void> {
  const to = pg.escapeIdentifier(role);
  await client.query(`
    grant select on migration to ${to};
    grant select, insert, update on feed, load, record, source to ${to};
    grant select, insert on change to ${to};
    grant usage on all sequences in schema public to ${to};
  `);
}
