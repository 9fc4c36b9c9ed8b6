/** The version before the last change of the schema and this one, together on one database, as a rolling update has them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrations } from '../../src/db/migrate.js';
import { keys } from '../support/service.js';
import { type Folder, type Run, makeFolder, settingsFor, urlOf } from './processes.js';
import { patientLine } from './resources.js';

/** PREVIOUS names another; without history there is none. */
const previous = process.env.PREVIOUS ?? commitBeforeMigrations();

function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}

function commitBeforeMigrations(): string | undefined {
  // Both folders that migrations were ever in: moving them added none.
  const folders = ['src/db/migrations', 'src/store/migrations'];
  const last = git('log', '-1', '--diff-filter=A', '-M', '--format=%H', '--', ...folders);
  return last === undefined ? undefined : git('rev-parse', '--verify', '--quiet', `${last}^`);
}

let folder: Folder;
let database: URL;
let settings: Readonly<Record<string, string>>;
beforeEach(async () => {
  folder = await makeFolder();
  database = new URL(inject('postgresUrl'));
  database.pathname = `/rolling_${randomBytes(6).toString('hex')}`;
  await run(inject('postgresUrl'), `create database ${database.pathname.slice(1)}`);
  settings = await settingsFor(folder, database.href);
});
afterEach(async () => {
  await folder.remove();
  await run(inject('postgresUrl'), `drop database ${database.pathname.slice(1)} with (force)`);
});

async function run(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The sources of a commit, run as they are, with the packages of now. */
function sourcesOf(commit: string): string {
  const place = join(folder.path, 'previous');
  mkdirSync(place);
  const archive = execFileSync(
    'git',
    ['archive', commit, 'src', 'generated', 'package.json', 'tsconfig.json'],
    {
      maxBuffer: 2 ** 28,
    },
  );
  execFileSync('tar', ['-x', '-C', place], { input: archive });
  symlinkSync(resolve('node_modules'), join(place, 'node_modules'));
  return place;
}

async function idsFrom(service: Run): Promise<readonly string[]> {
  const answer = await fetch(`${await urlOf(service)}/patients`, {
    headers: { 'x-api-key': keys.patients ?? '' },
  });
  expect(answer.status).toBe(200);
  const records = (await answer.json()) as { patient_id: string }[];
  return records.map(({ patient_id: id }) => id.replace(/^.*:/, ''));
}

async function end(service: Run): Promise<void> {
  service.process.kill('SIGTERM');
  expect((await service.ended).status).toBe(0);
}

describe.skipIf(previous === undefined)('a rolling update', { timeout: 120_000 }, () => {
  it('200 from the version before and this one side by side, each with what the other loaded', async () => {
    const place = sourcesOf(previous ?? '');
    const env = { ...settings, PATH: process.env.PATH ?? '', HOME: folder.path, PORT: '0' };
    const before = (program: string, ...args: readonly string[]) =>
      folder.spawn(
        process.execPath,
        ['--import', import.meta.resolve('tsx'), join(place, 'src', program), ...args],
        { cwd: folder.path, env },
      );
    const load = async (version: 'before' | 'now', id: string) => {
      const file = await folder.write(`Patient-${id}.ndjson`, patientLine(id));
      const { status, stderr } = await (version === 'now'
        ? folder.command(['import', file], settings)
        : before('commands/hospital-api.ts', 'import', file).ended);
      expect([status, stderr]).toEqual([0, '']);
    };
    const old = before('main.ts');
    expect(await idsFrom(old)).toEqual([]);
    const present = folder.serve(settings);
    await urlOf(present);
    // The schema is the new one from here on.
    await load('before', '1');
    await load('now', '2');
    expect([await idsFrom(old), await idsFrom(present)]).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
    await end(old);
    const rolledBack = before('main.ts');
    expect(await idsFrom(rolledBack)).toEqual(['1', '2']);
  });
});

describe('migrations', { timeout: 60_000 }, () => {
  it('go on from wherever a database stands, and keep what it has', async () => {
    const [first] = migrations;
    await run(
      database.href,
      `create table migration (name text primary key, applied timestamptz not null default now());
       ${first?.sql ?? ''};
       insert into migration (name) values ('${first?.name ?? ''}');
       insert into load (source) values ('kept')`,
    );
    const service = folder.serve(settings);
    expect(await idsFrom(service)).toEqual([]);
    const applied = await run(database.href, 'select name from migration order by name');
    expect(applied.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
    expect(await run(database.href, 'select source from load')).toEqual([{ source: 'kept' }]);
  });
});
