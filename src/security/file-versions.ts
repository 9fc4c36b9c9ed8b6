/** The two versions that a folder of files holds of a secret: the file itself, and `.previous` beside it. */
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KeyVersion, KeyVersions } from './key-versions.js';

export function createFileVersions(folder: string, secretId: string): KeyVersions {
  const current = join(folder, secretId);
  const previous = `${current}.previous`;
  const versionOf = async (file: string, version: string): Promise<KeyVersion | undefined> => {
    const facts = await ifThere(stat(file));
    return facts && { version, state: 'enabled', createdMs: facts.mtimeMs };
  };
  return {
    place: current,
    list: async () => {
      const found = [await versionOf(current, 'current'), await versionOf(previous, 'previous')];
      return found.filter((version) => version !== undefined);
    },
    add: async (key) => {
      const old = await ifThere(readFile(current));
      // First the old key's new place, so that at no moment it is in none.
      if (old !== undefined) await replace(previous, old, current);
      await replace(current, `${key}\n`, current);
      return 'current';
    },
    disable: async (version) => {
      await rm(version === 'previous' ? previous : current);
    },
    close: () => Promise.resolve(),
  };
}

/** Whole or not at all; with the owner and mode of the file that the service could read so far. */
async function replace(file: string, content: string | Buffer, like: string): Promise<void> {
  const known = await ifThere(stat(like));
  const written = `${file}.${process.pid}.new`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(written, content, { mode: 0o600, flag: 'wx' });
  if (known !== undefined) {
    // Only root may give a file away; for anybody else it is their own already.
    if (process.getuid?.() === 0) await chown(written, known.uid, known.gid);
    await chmod(written, known.mode & 0o777);
  }
  await rename(written, file);
}

async function ifThere<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}
