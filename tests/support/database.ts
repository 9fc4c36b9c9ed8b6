/** A database of a test's own, cloned from the migrated template. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly url: string;
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Keeps a copy of its present state. @returns what puts that in its place, as another database of the same name */
  backUp(): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

/** @param own a server of a test's own, which has no template */
export async function createDatabase(own?: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const serverUrl = own ?? inject('postgresUrl');
  const template = own === undefined ? 'template_of_tests' : 'template1';
  await run(serverUrl, `create database ${name} template ${template}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    query: (text, values = []) => run(url.href, text, values),
    backUp: async () => {
      const copy = `${name}_copy`;
      // A database is copied while nobody is connected to it.
      await run(
        serverUrl,
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
        [name],
      );
      await run(serverUrl, `create database ${copy} template ${name}`);
      return async () => {
        await run(serverUrl, `drop database ${name} with (force)`);
        await run(serverUrl, `alter database ${copy} rename to ${name}`);
      };
    },
    drop: async () => {
      await run(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

async function run(url: string, text: string, values: readonly unknown[] = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text, [...values]);
    return result.rows;
  } finally {
    await client.end();
  }
}
