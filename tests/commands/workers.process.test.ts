/**
 * Several processes on one port: they share the work, the keys and the database, are replaced when they die, and end
 * together. WORKERS=all runs what takes longer, too.
 */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { keys } from '../support/service.js';
import {
  type Folder,
  type Run,
  childrenOf,
  isAlive,
  makeFolder,
  settingsFor,
  urlOf,
} from './processes.js';

let folder: Folder;
let database: TestDatabase;
let settings: Readonly<Record<string, string>>;
/** Of patients. */
let key: string;
const open = async () => {
  key = keys.patients ?? '';
  folder = await makeFolder();
  database = await createDatabase();
  // Several connections may come to one worker while another is busy.
  const bounds = { WEB_CONCURRENCY: '2', MAX_IN_FLIGHT: '100' };
  settings = { ...(await settingsFor(folder, database.url)), ...bounds };
};
const close = async () => {
  await folder.remove();
  await database.drop();
};

const longer = it.runIf(process.env.WORKERS === 'all');

type Line = Readonly<Record<string, unknown>>;

function linesOf(run: Run): readonly Line[] {
  const lines = run
    .output()
    .stdout.split('\n')
    .filter((line) => line.startsWith('{'));
  return lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as Line] : []));
}

/** Each on a connection of its own, so that the workers take turns. */
function ask(url: string, path = '/patients'): Promise<number | string> {
  return new Promise((resolve) => {
    const options = { agent: new Agent(), headers: { 'x-api-key': key } };
    get(`${url}${path}`, options, (answer) => {
      answer.resume().on('end', () => {
        resolve(answer.statusCode ?? 0);
      });
      answer.on('error', (error) => {
        resolve(error.message);
      });
    }).on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
  });
}

const workersOf = (lines: readonly Line[]) => new Set(lines.map(({ worker }) => worker));
const requests = (run: Run) => linesOf(run).filter(({ message }) => message === 'request');

describe('WEB_CONCURRENCY=2', { timeout: 60_000 }, () => {
  let service: Run;
  let url: string;
  beforeAll(async () => {
    await open();
    service = folder.serve(settings);
    url = await urlOf(service);
  });
  afterAll(close);

  it('200 from both workers, each of which says in the log which it is', async () => {
    const statuses = await Promise.all(Array.from({ length: 10 }, () => ask(url)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    await expect
      .poll(() => workersOf(requests(service)), { timeout: 10_000 })
      .toEqual(new Set([1, 2]));
    const listening = linesOf(service).filter(({ message }) => message === 'listening');
    expect(listening).toMatchObject([{ workers: 2 }]);
  });

  it('200 with a new key from every worker', async () => {
    key = 'another-key-of-patients-0123456789';
    await writeFile(join(folder.path, 'keys', 'patients_api_key'), key);
    await expect.poll(() => ask(url), { timeout: 15_000 }).toBe(200);
    const statuses = await Promise.all(Array.from({ length: 8 }, () => ask(url)));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('200 while a worker is killed: another answers, and one comes in its place', async () => {
    const [victim = 0] = await childrenOf(service);
    const answers: (number | string)[] = [];
    let isOver = false;
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver) answers.push(await ask(url));
    });
    await expect.poll(() => answers.length, { timeout: 20_000 }).toBeGreaterThan(20);
    process.kill(victim, 'SIGKILL');
    const died = 'a worker died: another one starts in its place';
    await service.line(new RegExp(died));
    const before = answers.length;
    await expect.poll(async () => (await childrenOf(service)).length, { timeout: 10_000 }).toBe(2);
    await expect.poll(() => workersOf(requests(service)).has(3), { timeout: 20_000 }).toBe(true);
    isOver = true;
    await Promise.all(load);
    const broken = answers.filter((answer) => answer !== 200);
    expect(answers.length).toBeGreaterThan(before);
    // Requests that the killed one was working on; nothing refuses a connection.
    expect(broken.length).toBeLessThanOrEqual(4);
    expect(broken).not.toContain('ECONNREFUSED');
    expect(linesOf(service).find(({ message }) => message === died)).toMatchObject({
      severity: 'ERROR',
      signal: 'SIGKILL',
    });
  });

  it('0 at SIGTERM to every process: readiness goes first, requests under way have their answers', async () => {
    const workers = await childrenOf(service);
    await endsInOrder(service, url, [...workers, service.process.pid ?? 0]);
  });
});

describe('a service of its own with WEB_CONCURRENCY=2', { timeout: 60_000 }, () => {
  beforeEach(open);
  afterEach(close);

  it('0 at SIGTERM to the first process, which ends the others in the same way', async () => {
    const service = folder.serve(settings);
    await endsInOrder(service, await urlOf(service), [service.process.pid ?? 0]);
  });

  it('no worker outlives a first process that was killed', async () => {
    const service = folder.serve(settings);
    await urlOf(service);
    const workers = await childrenOf(service);
    service.process.kill('SIGKILL');
    await expect.poll(() => workers.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  });

  it('78 and one message for what keeps all from starting', async () => {
    const { status, stderr } = await folder.serve({ ...settings, API_KEYS_DIR: folder.path }).ended;
    expect([status, stderr.match(/no key|patients_api_key/g)?.length ?? 0]).toEqual([
      78,
      expect.any(Number),
    ]);
    expect(stderr.match(/patients_api_key:/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it('1 for a port that is taken, said once', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    // A server that listens on a TCP port has an address of this form.
    const { port } = taken.address() as AddressInfo;
    const { status, stderr } = await folder.serve({ ...settings, PORT: String(port) }).ended;
    taken.close();
    expect([status, stderr.match(/is taken/g)?.length]).toEqual([1, 1]);
  });

  it('78 when workers die at once again and again, and none is left', async () => {
    const file = await folder.write('settings.yaml', 'LOG_LEVEL: info\n');
    const service = folder.serve({ ...settings, CONFIG_FILE: file });
    await urlOf(service);
    await writeFile(file, 'LOG_LEVEL: loud\n');
    for (const pid of await childrenOf(service)) process.kill(pid, 'SIGKILL');
    const { status, stdout, stderr } = await service.ended;
    expect(status).toBe(78);
    expect(stdout).toContain('workers die at once, again and again, and none is left');
    expect(stderr).toContain('LOG_LEVEL must be');
  });

  longer('one embedded PostgreSQL, which ends with the service', async () => {
    const service = folder.serve({ WEB_CONCURRENCY: '2' });
    const url = await urlOf(service);
    await service.line(/curl/);
    key = (await readFile(join(folder.path, '.local/keys/patients_api_key'), 'utf8')).trim();
    const asked = await Promise.all(Array.from({ length: 6 }, () => ask(url)));
    expect(new Set(asked)).toEqual(new Set([200]));
    service.process.kill('SIGTERM');
    expect((await service.ended).status).toBe(0);
    const pidFile = join(folder.path, '.local/postgres/cluster/data/postmaster.pid');
    await expect(readFile(pidFile)).rejects.toThrow('ENOENT');
  });
});

/** Asked to end by signals, while readers wait for news. */
async function endsInOrder(service: Run, url: string, pids: readonly number[]): Promise<void> {
  const workers = await childrenOf(service);
  const headers = { 'x-api-key': key };
  const position = await fetch(`${url}/patients`, { headers });
  const cursor = position.headers.get('next-cursor') ?? '';
  const waiting = Array.from({ length: 6 }, () =>
    fetch(`${url}/patients?cursor=${cursor}`, {
      headers: { ...headers, prefer: 'wait=30', connection: 'close' },
    }).then(async (answer) => `${answer.status} ${await answer.text()}`),
  );
  const readiness: (number | string)[] = [];
  const asking = setInterval(() => {
    void ask(url, '/health/ready').then((answer) => readiness.push(answer));
  }, 20);
  await delay(500);
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  expect(await Promise.all(waiting)).toEqual(Array(6).fill('200 []'));
  expect((await service.ended).status).toBe(0);
  clearInterval(asking);
  expect(readiness).toContain(503);
  expect(workers.filter(isAlive)).toEqual([]);
}
