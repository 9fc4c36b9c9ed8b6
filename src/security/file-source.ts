/** Keys in a folder of files: `<secret>` and, while clients move to a new one, `<secret>.previous`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textOfKey } from './key-text.js';
import { SecretFault, type SecretKey, type SecretSource } from './secret-source.js';

export function createFileSource(folder: string): SecretSource {
  return {
    read: async (secretId) => {
      const file = join(folder, secretId);
      const current = await readKey(file, 'current');
      const previous = await readKey(`${file}.previous`, 'previous');
      if (current === undefined && previous === undefined) throw absent(file);
      return [current, previous].filter((key) => key !== undefined);
    },
    mend: (secretId) => `openssl rand -base64 32 > ${join(folder, secretId)}`,
  };
}

function absent(file: string): SecretFault {
  return new SecretFault(
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
      throw new SecretFault('refused', message);
    }
    throw new SecretFault('unreachable', `${file} cannot be read (${String(code)})`);
  });
  return bytes && { value: textOfKey(bytes), version };
}
