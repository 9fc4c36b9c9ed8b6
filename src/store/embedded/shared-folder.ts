/** Folders that every account may enter, whatever the umask, and copies of programs in them. */
import { randomBytes } from 'node:crypto';
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import path from 'node:path';
import { unless } from './embedded-error.js';

export async function makeSharedFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await chmod(folder, 0o755);
}

/** Afterwards the copy is all there or not there at all. Everybody may read and run the copy. Another process may make the same at the same time. */
export async function copyToSharedFolder(
  from: string,
  to: string,
  complete: (copy: string) => Promise<unknown>,
): Promise<void> {
  if ((await unless(['ENOENT'], stat(to))) !== undefined) return;
  const draft = `${to}.new-${randomBytes(6).toString('hex')}`;
  try {
    await makeSharedFolder(path.dirname(to));
    await copyTree(from, draft);
    await complete(draft);
    await unless(['ENOTEMPTY', 'EEXIST'], rename(draft, to));
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
