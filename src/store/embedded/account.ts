/** Which account the server runs as: the caller's own, but never root, which PostgreSQL refuses. */
import { readFile, stat } from 'node:fs/promises';
import { EmbeddedError, orDatabaseUrl } from './embedded-error.js';
import { runProgram, type Account } from './program.js';

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account for the data in a folder when root asks: the owner of `existing` (the data, or the nearest folder above
 * it), so that the owner can go on without root; else `postgres`, else `nobody`. Undefined is the caller's own account.
 */
export async function chooseAccount(existing: string): Promise<Account | undefined> {
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
export async function canEnter(account: Account | undefined, folder: string): Promise<boolean> {
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
