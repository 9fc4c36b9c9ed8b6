/** One embedded PostgreSQL for a whole test run, with a migrated template that each test file clones. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { readContract } from '../../src/contract/contract.js';
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
  // Whatever the run leaves behind is where the keeper clears away.
  process.env.TMPDIR = folder;
  const keeper = await startKeeper(folder);
  const client = new pg.Client({ connectionString: keeper.url });
  await client.connect();
  await client.query('create database template_of_tests');
  await client.end();
  const template = new URL(keeper.url);
  template.pathname = '/template_of_tests';
  const collections = readContract().collections.map(({ name }) => name);
  await migrate({ url: template.href, collections });
  project.provide('postgresUrl', keeper.url);
  return keeper.end;
}

/** In a session of its own, which the signals that end a run do not reach. */
async function startKeeper(folder: string) {
  const [root, program] = ['../..', 'run-keeper.ts'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const child = spawn(process.execPath, ['--import', 'tsx', program ?? '', folder], {
    cwd: root,
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [url] = (await Promise.race([once(child.stdout, 'data'), ended])) as unknown[];
  if (!(url instanceof Buffer)) throw new Error('the PostgreSQL of the tests did not start');
  return {
    url: url.toString().trim(),
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
