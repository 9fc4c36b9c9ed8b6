/** Keys for a developer's own machine: made once, kept in a folder that only its owner can read. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes the keys that are not there yet: 32 random bytes each, base64url. */
export async function makeLocalKeys(folder: string, secretIds: readonly string[]): Promise<void> {
  // The folder above holds more than keys, and the embedded database's own account has to pass through it.
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder, { mode: 0o700 }).catch(unlessThere);
  await Promise.all(secretIds.map((secretId) => makeKey(join(folder, secretId))));
}

async function makeKey(file: string): Promise<void> {
  const key = `${randomBytes(32).toString('base64url')}\n`;
  await writeFile(file, key, { mode: 0o600, flag: 'wx' }).catch(unlessThere);
}

function unlessThere(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
  throw error;
}
