/** A PostgreSQL as Debian packages it, with its own programs; nothing where none is installed. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../bench/built-service.js';

export interface DebianPostgres {
  readonly url: string;
  /** The folder of pg_dump and its like. */
  readonly programs: string;
  close(): Promise<void>;
}

const versions = '/usr/lib/postgresql';

/** Started when it is first asked for, under an account that PostgreSQL accepts. */
export async function openDebianPostgres(): Promise<DebianPostgres | undefined> {
  const version = existsSync(versions) ? readdirSync(versions).sort().at(-1) : undefined;
  const programs = join(versions, version ?? '', 'bin');
  if (version === undefined || !existsSync(join(programs, 'pg_dump'))) return undefined;
  const place = mkdtempSync(join(tmpdir(), 'hospital-debian-'));
  const asOther =
    process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  chmodSync(place, asOther.length > 0 ? 0o777 : 0o700);
  const data = join(place, 'data');
  const port = await freePort();
  const run = (program: string, ...args: readonly string[]) => {
    const [command = '', ...rest] = [...asOther, join(programs, program), ...args];
    const done = spawnSync(command, rest, {
      encoding: 'utf8',
      cwd: place,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (done.status !== 0) throw new Error(`${program}: ${done.stderr}`);
  };
  run('initdb', '--username=hospital', '--auth=trust', '--encoding=UTF8', '--locale=C', data);
  const options = `-p ${port} -k ${place} -c listen_addresses=127.0.0.1 -c fsync=off`;
  run(
    'pg_ctl',
    '--pgdata',
    data,
    '--wait',
    '--log',
    join(place, 'log'),
    '--options',
    options,
    'start',
  );
  return {
    url: `postgres://hospital@127.0.0.1:${port}/postgres`,
    programs,
    close: () => {
      run('pg_ctl', '--pgdata', data, '--wait', '--mode=fast', 'stop');
      rmSync(place, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
