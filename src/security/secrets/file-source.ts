/** Keys in a folder of files: `<secret>` and, while clients move to a new one, `<secret>.previous`. */
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { textOfKey } from '../key-ring.js';
import {
  type KeyVersion,
  type KeyVersions,
  SecretError,
  type SecretKey,
  type SecretSource,
} from './secret-source.js';

export function createFileSource(folder: string): SecretSource {
  return {
    read: async (secretId) => {
      const file = join(folder, secretId);
      const current = await readKey(file, 'current');
      const previous = await readKey(`${file}.previous`, 'previous');
      if (current === undefined && previous === undefined) throw absent(file);
      return [current, previous].filter((key) => key !== undefined);
    },
    remedy: (secretId) => `openssl rand -base64 32 > ${join(folder, secretId)}`,
  };
}

function absent(file: string): SecretError {
  return new SecretError(
    'absent',
    `no key in ${file}: write one into it, readable to the service, with: openssl rand -base64 32 > ${file}`,
  );
}

async function readKey(file: string, version: string): Promise<SecretKey | undefined> {
  const bytes = await readFile(file).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') {
      const message = `${file} may not be read: let the account of the service read it, and nobody else`;
      throw new SecretError('refused', message);
    }
    throw new SecretError('unreachable', `${file} cannot be read (${String(code)})`);
  });
  return bytes && { value: textOfKey(bytes), version };
}

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
