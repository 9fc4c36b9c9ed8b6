/** Keys in a folder of files: `<secret>` and, while clients move to it, `<secret>.previous`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretKey, SecretSource } from './secret-source.js';

export function createFileSource(folder: string): SecretSource {
  return {
    read: async (secretId) => {
      const found = await Promise.all([
        readKey(join(folder, secretId), 'current'),
        readKey(join(folder, `${secretId}.previous`), 'previous'),
      ]);
      return found.filter((key) => key !== undefined);
    },
  };
}

async function readKey(file: string, version: string): Promise<SecretKey | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  const value = text?.replace(/\r?\n$/, '');
  return value === undefined || value === '' ? undefined : { value, version };
}
