/** What a machine may lack for a while: a server that answers, room on the disk, files to open; and what nobody caught. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/built-service.js';
import { openEmbedded } from '../../src/db/embedded/embedded.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { type RawConnection, openConnection } from '../support/raw-connection.js';
import { keys } from '../support/service.js';
import { startLoad } from './load.js';
import { type Folder, makeFolder, programs, settingsFor, urlOf } from './processes.js';
import { patientLine } from './resources.js';

/** Above ten seconds requests under way are given up, too. */
const pausedMs = Number(process.env.PAUSED_MS ?? 0);

let folder: Folder;
let database: TestDatabase;
let settings: Readonly<Record<string, string>>;
beforeEach(async () => {
  [folder, database] = await Promise.all([makeFolder(), createDatabase()]);
  settings = await settingsFor(folder, database.url);
});
afterEach(async () => {
  await folder.remove();
  await database.drop();
});

const headers = { 'x-api-key': keys.patients ?? '' };
const statusOf = async (url: string) =>
  fetch(`${url}/patients`, { headers }).then(
    ({ status }) => status,
    () => 0,
  );

/** PostgreSQL and each process of its. */
function familyOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}

describe.runIf(process.platform === 'linux')(
  'a PostgreSQL that is stopped',
  { timeout: 60_000 },
  () => {
    it('503 while it says nothing, and 200 soon after its return', async () => {
      const place = mkdtempSync(join(tmpdir(), 'hospital-paused-'));
      await chmod(place, 0o755);
      const server = await openEmbedded({ folder: join(place, 'postgres'), role: 'command' });
      const service = folder.serve({ ...settings, DATABASE_URL: server.url });
      const url = await urlOf(service);
      const load = startLoad(url, Array<string>(24).fill('/patients?limit=50'));
      const statuses = () => [...new Set(load.outcomes.map(({ status }) => status))].sort();
      await expect.poll(() => load.outcomes.length, { timeout: 10_000 }).toBeGreaterThan(24);
      const pidFile = join(place, 'postgres/cluster/data/postmaster.pid');
      const family = familyOf(Number(readFileSync(pidFile, 'utf8').split('\n')[0]));
      let live: number;
      for (const pid of family) process.kill(pid, 'SIGSTOP');
      try {
        await delay(pausedMs);
        await expect.poll(statuses, { timeout: 20_000 }).toContain(503);
        live = (await fetch(`${url}/health/live`)).status;
      } finally {
        for (const pid of family) process.kill(pid, 'SIGCONT');
      }
      await expect.poll(() => statusOf(url), { timeout: 10_000 }).toBe(200);
      await load.end();
      expect([live, statuses(), service.process.exitCode]).toEqual([200, [200, 503], null]);
      await folder.remove();
      await server.close();
      rmSync(place, { recursive: true, force: true });
    });
  },
);

describe('a full disk', { timeout: 30_000 }, () => {
  it.runIf(process.platform === 'linux')('200 where the log cannot be written', async () => {
    const port = String(await freePort());
    const service = folder.spawn(
      'sh',
      ['-c', 'exec "$0" "$1" > /dev/full', process.execPath, programs.main],
      {
        cwd: folder.path,
        env: { PATH: process.env.PATH, HOME: folder.path, ...settings, PORT: port },
      },
    );
    await expect.poll(() => statusOf(`http://127.0.0.1:${port}`), { timeout: 15_000 }).toBe(200);
    expect(await statusOf(`http://127.0.0.1:${port}`)).toBe(200);
    service.process.kill('SIGTERM');
    expect((await service.ended).status).toBe(0);
  });

  it('200 to readers while PostgreSQL has no room for a load, whose end says so', async () => {
    const url = await urlOf(folder.serve(settings));
    await database.query(`
      create function no_room() returns trigger language plpgsql as
        $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
      create trigger no_room before insert on record for each row execute function no_room()`);
    const file = await folder.write('Patient.ndjson', patientLine('1'));
    const load = await folder.command(['import', file], settings);
    expect([load.status === 0, await statusOf(url)]).toEqual([false, 200]);
    expect(load.stderr).toContain('53100');
    await database.query('drop trigger no_room on record');
    const again = await folder.command(['import', file], settings);
    expect([again.status, await statusOf(url)]).toEqual([0, 200]);
  });
});

describe.runIf(process.platform === 'linux')(
  'files that may be opened',
  { timeout: 30_000 },
  () => {
    it('200 or 503 while they run out, and 200 once connections have gone', async () => {
      const service = folder.spawn(
        'sh',
        ['-c', 'ulimit -n 60; exec "$0" "$1"', process.execPath, programs.main],
        {
          cwd: folder.path,
          env: { PATH: process.env.PATH, HOME: folder.path, ...settings, PORT: '0' },
        },
      );
      const url = await urlOf(service);
      const held: RawConnection[] = [];
      for (let count = 0; count < 120; count += 1) held.push(await openConnection(url));
      const answers = await Promise.all(
        held.map((each) => Promise.race([each.ask('/patients', headers), delay(1_000)])),
      );
      const statuses = new Set(answers.map((answer) => answer?.status));
      // Those that were never accepted have none.
      for (const status of statuses) expect([200, 503, 0, undefined]).toContain(status);
      for (const { socket } of held) socket.destroy();
      await expect.poll(() => statusOf(url), { timeout: 10_000 }).toBe(200);
      expect(service.process.exitCode).toBeNull();
    });
  },
);

describe('what nobody caught', { timeout: 30_000 }, () => {
  it.each([
    ['a rejection', "Promise.reject(new%20Error('lost%20cause'))"],
    ['an exception', "setTimeout(()%20=>%20{%20throw%20new%20Error('lost%20cause')%20})"],
  ])('1 after %s, with its cause in the log', async (_, code) => {
    const service = folder.serve({
      ...settings,
      NODE_OPTIONS: `--import=data:text/javascript,process.on('SIGUSR2',()=>{${code}})`,
    });
    await urlOf(service);
    service.process.kill('SIGUSR2');
    const { status, stdout } = await service.ended;
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/"severity":"ERROR".*lost cause.*an error that nobody caught/),
    ]);
  });
});
