/** A store that was put back to an earlier state: every old cursor is refused, and none goes on over a gap. */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { openEmbedded } from '../../src/db/embedded/embedded.js';
import { openStore } from '../../src/store.js';
import { patient } from '../support/records.js';
import { keys, silent } from '../support/service.js';
import { openDebianPostgres } from './debian-postgres.js';
import { type Folder, makeFolder, settingsFor, urlOf } from './processes.js';

let folder: Folder;
const undo: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(async () => {
  await folder.remove();
  for (const step of undo.splice(0).reverse()) await step();
});

async function run(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

const withName = (url: string, name: string) =>
  Object.assign(new URL(url), { pathname: name }).href;

/** Ten patients, each with this family name: ten changes. */
async function write(url: string, familyName: string): Promise<void> {
  const store = await openStore({ url, contract: readContract(), log: silent });
  const load = await store.startLoad({ source: 'ehr', files: [] });
  const all = Array.from({ length: 10 }, (_, at) => patient(`r${at}`, { family_name: familyName }));
  await store.inBatch('patients', load, (batch) => batch.write(all));
  await store.close();
}

const headers = { 'x-api-key': keys.patients ?? '' };

interface Read {
  readonly cursors: readonly string[];
  readonly names: readonly string[];
  readonly epoch: string;
}

/** Reads from the start, a record a page. */
async function readAll(url: string): Promise<Read> {
  const cursors: string[] = [];
  const names: string[] = [];
  let epoch = '';
  let next: string | undefined = '?limit=1';
  while (next !== undefined) {
    const answer: Response = await fetch(`${url}/patients${next}`, { headers });
    const page = (await answer.json()) as { family_name: string }[];
    names.push(...page.map(({ family_name: name }) => name));
    cursors.push(answer.headers.get('next-cursor') ?? '');
    epoch = answer.headers.get('feed-epoch') ?? '';
    next = /<\/patients(\?[^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return { cursors, names, epoch };
}

async function statusesOf(url: string, cursors: readonly string[]): Promise<ReadonlySet<number>> {
  const asked = cursors.map((cursor) => fetch(`${url}/patients?cursor=${cursor}`, { headers }));
  return new Set((await Promise.all(asked)).map(({ status }) => status));
}

/** The service on a database, for as long as the work lasts. */
async function serving<Result>(databaseUrl: string, work: (url: string) => Promise<Result>) {
  const service = folder.serve(await settingsFor(folder, databaseUrl));
  const result = await work(await urlOf(service));
  service.process.kill('SIGTERM');
  await service.ended;
  return result;
}

/** Cursors of the time before the backup, and of the time between it and the restore. */
async function cursorsAround(url: () => string, backUp: () => Promise<void>) {
  await write(url(), 'Before');
  const before = await serving(url(), readAll);
  await backUp();
  await write(url(), 'Lost');
  const after = await serving(url(), readAll);
  return { cursors: [...before.cursors, ...after.cursors], epoch: after.epoch };
}

type Old = Awaited<ReturnType<typeof cursorsAround>>;

async function expectAnotherHistory(restored: string, { cursors, epoch }: Old): Promise<void> {
  await serving(restored, async (url) => {
    expect(await statusesOf(url, cursors)).toEqual(new Set([410]));
    const fresh = await readAll(url);
    expect([new Set(fresh.names), fresh.names.length]).toEqual([new Set(['Before']), 10]);
    expect(fresh.epoch > epoch).toBe(true);
    // The feed grows past every position that was given before.
    await write(restored, 'New');
    expect(await statusesOf(url, cursors)).toEqual(new Set([410]));
    expect(new Set((await readAll(url)).names)).toEqual(new Set(['New']));
  });
}

describe('a restored store', { timeout: 90_000 }, () => {
  it('410 to every old cursor by itself, where it was copied into another database', async () => {
    const [server, name] = [inject('postgresUrl'), `restored_${process.pid}`];
    const copy = async (to: string, from: string) => {
      await run(server, `create database ${to} template ${from}`);
      undo.push(() => run(server, `drop database ${to} with (force)`));
    };
    await copy(name, 'template_of_tests');
    const old = await cursorsAround(
      () => withName(server, name),
      () => copy(`${name}_copy`, name),
    );
    await expectAnotherHistory(withName(server, `${name}_copy`), old);
  });

  it('410 to every old cursor after epoch new, where files were put back; before it to those ahead', async () => {
    const place = await mkdtemp(join(tmpdir(), 'hospital-restored-'));
    spawnSync('chmod', ['755', place]);
    undo.push(() => rm(place, { recursive: true, force: true }));
    const [files, backup] = [join(place, 'postgres'), join(place, 'backup')];
    const open = () => openEmbedded({ folder: files, role: 'command' });
    let server = await open();
    const old = await cursorsAround(
      () => server.url,
      async () => {
        await server.close();
        spawnSync('cp', ['-a', files, backup]);
        server = await open();
      },
    );
    await server.close();
    await rm(files, { recursive: true });
    spawnSync('cp', ['-a', backup, files]);
    server = await open();
    undo.push(() => server.close());
    const ahead = old.cursors.at(-1) ?? '';
    const early = await serving(server.url, (url) => statusesOf(url, [ahead]));
    expect(early).toEqual(new Set([410]));
    const renewed = await folder.command(['epoch', 'new'], { DATABASE_URL: server.url });
    expect([renewed.status, renewed.stderr]).toEqual([0, '']);
    await expectAnotherHistory(server.url, old);
  });
});

/** The commands of docs/backup.md, block by block. */
async function blocks(): Promise<readonly string[]> {
  const text = await readFile('docs/backup.md', 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block = '']) => block);
}

describe('docs/backup.md', { timeout: 120_000 }, async () => {
  const debian = await openDebianPostgres();
  it.skipIf(debian === undefined)('its commands bring a store back', async () => {
    if (debian === undefined) return;
    undo.push(() => debian.close());
    const [dump = '', intoNew = '', inPlace = ''] = await blocks();
    const work = join(folder.path, 'dumps');
    await mkdir(work);
    const url = debian.url;
    const restored = withName(url, 'restored');
    const shell = (text: string) => {
      const done = spawnSync('sh', ['-euc', text], {
        cwd: work,
        env: {
          PATH: `${debian.programs}:${process.env.PATH ?? ''}`,
          DATABASE_URL: url,
          RESTORED_URL: restored,
        },
        encoding: 'utf8',
      });
      expect(done.status, done.stderr).toBe(0);
    };
    const old = await cursorsAround(
      () => url,
      async () => {
        shell(dump);
        await cp(join(work, 'hospital.dump'), join(work, 'kept.dump'));
      },
    );
    shell(intoNew);
    await expectAnotherHistory(restored, old);
    const [putBack = '', rest = ''] = inPlace.split('npm run epoch -- new');
    shell(putBack);
    expect(rest).toBe('\n');
    expect((await folder.command(['epoch', 'new'], { DATABASE_URL: url })).status).toBe(0);
    await expectAnotherHistory(url, old);
  });
});
