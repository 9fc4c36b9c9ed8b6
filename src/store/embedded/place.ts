/** Where the data of a folder are: inside it, or elsewhere when the server's account cannot enter it. */
import { randomBytes } from 'node:crypto';
import { access, constants, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { canEnter, chooseAccount, isRoot } from './account.js';
import { EmbeddedError, errorCode, orDatabaseUrl, unless } from './embedded-error.js';
import type { Account } from './program.js';
import { makeSharedFolder } from './shared-folder.js';

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
  const name = await unless(['ENOENT'], readPointer(folder));
  const cluster = name === undefined ? path.join(folder, 'cluster') : path.join(elsewhere, name);
  const data = await unless(['ENOENT'], stat(path.join(cluster, 'data')));
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
  await unless(['EEXIST'], link(draft, path.join(folder, 'elsewhere')));
  await rm(draft, { force: true });
  return readPointer(folder);
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await unless(['ENOENT', 'ENOTDIR'], stat(folder));
  return found === undefined ? nearestExisting(path.dirname(folder)) : folder;
}
