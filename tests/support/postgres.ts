/** One embedded PostgreSQL for a whole test run, with a migrated template that each test file clones. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { readContract } from '../../src/contract/contract.js';
import { openEmbedded } from '../../src/db/embedded/embedded.js';
import { migrate } from '../../src/db/migrate.js';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-tests-'));
  // The server runs under another account where the tests run as root.
  await chmod(folder, 0o755);
  const server = await openEmbedded({ folder: join(folder, 'postgres'), role: 'command' });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('create database template_of_tests');
  await client.end();
  const template = new URL(server.url);
  template.pathname = '/template_of_tests';
  const collections = readContract().collections.map(({ name }) => name);
  await migrate({ url: template.href, collections });
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
}
