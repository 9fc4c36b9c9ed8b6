/** Migrates a database to the present schema; instances that start together take turns. */
import pg from 'pg';
import { feeds } from './migrations/0001-feeds.js';
import { knownResources } from './migrations/0002-known-resources.js';
import { feedMoved } from './migrations/0003-feed-moved.js';
import { facts } from './migrations/0004-facts.js';
import { digests } from './migrations/0005-digests.js';
import { audit } from './migrations/0006-access-events.js';
import { partitionOf } from './database.js';

/** Any number that no other program locks in this database: "feed" in ASCII. */
const migrationLock = 0x66656564;

export interface Migration {
  readonly url: string;
  /** Collections of the contract: each has a partition of its own. */
  readonly collections: readonly string[];
  /**
   * The role that the service runs under when migrations run under another: it is granted what the service needs,
   * which leaves out changing or deleting what is append only.
   */
  readonly serviceRole?: string | undefined;
}

export async function migrate({ url, collections, serviceRole }: Migration): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await applyMissing(client);
    await addPartitions(client, collections);
    if (serviceRole !== undefined) await grant(client, serviceRole, collections);
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

async function addPartitions(client: pg.Client, collections: readonly string[]): Promise<void> {
  for (const name of collections) {
    await client.query(
      `create table if not exists ${partitionOf(name)} partition of record for values in (${pg.escapeLiteral(name)})`,
    );
  }
}

async function grant(
  client: pg.Client,
  role: string,
  collections: readonly string[],
): Promise<void> {
  const to = pg.escapeIdentifier(role);
  await client.query(`
    grant select on migration to ${to};
    grant select, insert, update on feed, load, record, source, fact, fact_about to ${to};
    grant delete on source, fact_about to ${to};
    grant select, insert on change, audit to ${to};
    grant select on audit_pruned, former_patient to ${to};
    grant execute on function audit_partitions(timestamptz) to ${to};
    grant select on ${collections.map(partitionOf).join(', ')} to ${to};
    grant usage on all sequences in schema public to ${to};
  `);
}

export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-feeds', sql: feeds },
  { name: '0002-known-resources', sql: knownResources },
  { name: '0003-feed-moved', sql: feedMoved },
  { name: '0004-facts', sql: facts },
  { name: '0005-digests', sql: digests },
  { name: '0006-audit', sql: audit },
];
