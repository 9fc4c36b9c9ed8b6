/** Where the data of a folder are: inside it, or elsewhere when the server's account cannot enter it. */
import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import {
  type Account,
  EmbeddedError,
  errorCode,
  orDatabaseUrl,
  runProgram,
  undefinedOn,
} from './program.js';

export interface Place {
  /** Holds `data`, `password` and `log`; is there only once PostgreSQL's initdb is through. */
  readonly cluster: string;
  readonly isElsewhere: boolean;
  readonly account: Account | undefined;
}

/** @throws EmbeddedError when the folder cannot be used. */
export async function findPlace(folder: string, elsewhere: string): Promise<Place> {
  try {
    return await lookForPlace(folder, elsewhere);
  } catch (cause) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errorCode(cause) ?? '')) throw cause;
    throw notYours(folder, 'another user', cause);
  }
}

async function lookForPlace(folder: string, elsewhere: string): Promise<Place> {
  const above = await nearestExisting(folder);
  await makeFolder(folder);
  const name = await undefinedOn(['ENOENT'], readPointer(folder));
  const cluster = name === undefined ? path.join(folder, 'cluster') : path.join(elsewhere, name);
  const data = await undefinedOn(['ENOENT'], stat(path.join(cluster, 'data')));
  if (isRoot()) return findPlaceAsRoot({ folder, elsewhere, above, cluster, name, data });
  if (data === undefined) await checkWritable(folder);
  else if (data.uid !== process.getuid?.()) throw notYours(folder, `user id ${data.uid}`);
  return { cluster, isElsewhere: name !== undefined, account: undefined };
}

async function findPlaceAsRoot(found: {
  readonly folder: string;
  readonly elsewhere: string;
  readonly above: string;
  readonly cluster: string;
  readonly name: string | undefined;
  readonly data: object | undefined;
}): Promise<Place> {
  const { folder, elsewhere, cluster, name, data } = found;
  const account = await chooseAccount(
    data === undefined ? found.above : path.join(cluster, 'data'),
  );
  if (name !== undefined) {
    await makeElsewhere(elsewhere);
    return { cluster, isElsewhere: true, account };
  }
  if (await canEnter(account, folder)) return { cluster, isElsewhere: false, account };
  if (data === undefined) {
    await makeElsewhere(elsewhere);
    return {
      cluster: path.join(elsewhere, await writePointer(folder)),
      isElsewhere: true,
      account,
    };
  }
  throw new EmbeddedError(
    `the database in ${folder} belongs to the account ${account?.name ?? 'root'}, which cannot enter that folder: let it, ${orDatabaseUrl}`,
  );
}

async function checkWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notYours(folder, `user id ${(await stat(folder)).uid}`, cause);
  }
}

function notYours(folder: string, owner: string, cause?: unknown): EmbeddedError {
  return new EmbeddedError(
    `the embedded database's folder ${folder} belongs to ${owner}, and the user ${ownName()} cannot write to it: run as its owner, remove it, ${orDatabaseUrl}`,
    { cause },
  );
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // An id without an account, as some container hosts hand out.
    return String(process.getuid?.());
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const reason = ['EEXIST', 'ENOTDIR'].includes(errorCode(cause) ?? '')
      ? 'there is a file of that name'
      : `the user ${ownName()} cannot make it (${errorCode(cause) ?? 'unknown reason'})`;
    const message = `the embedded database needs the folder ${folder}, but ${reason}: make that possible, ${orDatabaseUrl}`;
    throw new EmbeddedError(message, { cause });
  }
}

async function makeElsewhere(elsewhere: string): Promise<void> {
  try {
    await makeSharedFolder(elsewhere);
  } catch (cause) {
    throw new EmbeddedError(
      `PostgreSQL does not run as root, and ${elsewhere}, where other accounts could reach its files, cannot be made: run as another user, ${orDatabaseUrl}`,
      { cause },
    );
  }
}

/** The pointer is a bare name, so that nobody can lead root to a place of their choice; removing the folder forgets it. */
async function readPointer(folder: string): Promise<string> {
  const name = (await readFile(path.join(folder, 'elsewhere'), 'utf8')).trim();
  if (/^[0-9a-f]{16}$/.test(name)) return name;
  throw new EmbeddedError(
    `${path.join(folder, 'elsewhere')} does not name a database: remove it, ${orDatabaseUrl}`,
  );
}

async function writePointer(folder: string): Promise<string> {
  const name = randomBytes(8).toString('hex');
  const draft = path.join(folder, `elsewhere.new-${name}`);
  await writeFile(draft, `${name}\n`, { flag: 'wx' });
  // Of two processes that do this at once the first one's pointer stays.
  await undefinedOn(['EEXIST'], link(draft, path.join(folder, 'elsewhere')));
  await rm(draft, { force: true });
  return readPointer(folder);
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await undefinedOn(['ENOENT', 'ENOTDIR'], stat(folder));
  return found === undefined ? nearestExisting(path.dirname(folder)) : folder;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account for the data in a folder when root asks: the owner of `existing` (the data, or the nearest folder above
 * it), so that the owner can go on without root; else `postgres`, else `nobody`. Undefined is the caller's own account.
 */
async function chooseAccount(existing: string): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const accounts = parsePasswd(await readFile('/etc/passwd', 'utf8')).filter(({ uid }) => uid > 0);
  const owner = (await stat(existing)).uid;
  const chosen =
    accounts.find(({ uid }) => uid === owner) ??
    accounts.find(({ name }) => name === 'postgres') ??
    accounts.find(({ name }) => name === 'nobody');
  if (chosen !== undefined) return chosen;
  throw new EmbeddedError(
    `PostgreSQL does not run as root, and there is neither an account postgres nor nobody: run as another user, ${orDatabaseUrl}`,
  );
}

/** Whether the account can reach and enter a folder, access lists and mount options included. */
async function canEnter(account: Account | undefined, folder: string): Promise<boolean> {
  const script = 'test -x "$1" && test -r "$1"';
  return (await runProgram('/bin/sh', ['-c', script, 'sh', folder], account)).status === 0;
}

function parsePasswd(text: string): Account[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

async function makeSharedFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await chmod(folder, 0o755);
}

/** Afterwards the copy is all there or not there at all. Everybody may read and run the copy. Another process may make the same at the same time. */
export async function copyToSharedFolder(
  from: string,
  to: string,
  complete: (copy: string) => Promise<unknown>,
): Promise<void> {
  if ((await undefinedOn(['ENOENT'], stat(to))) !== undefined) return;
  const draft = `${to}.new-${randomBytes(6).toString('hex')}`;
  try {
    await makeSharedFolder(path.dirname(to));
    await copyTree(from, draft);
    await complete(draft);
    await undefinedOn(['ENOTEMPTY', 'EEXIST'], rename(draft, to));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target);
      await chmod(target, path.basename(from) === 'bin' ? 0o755 : 0o644);
    }
  }
}
