/** Keys in a folder of files, and those that are made for local use. */
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { openKeys } from '../../src/security/keys.js';
import { keyRing, keys, silent, startService } from '../support/service.js';

const common = { rules: keyRing, contract: readContract(), log: silent, now: Date.now };

describe('a folder of keys', () => {
  it('200 with the previous key as well, while its file is there', async () => {
    const rotated = await startService();
    const file = join(rotated.keysFolder, 'patients_api_key');
    await writeFile(`${file}.previous`, `${keys.patients ?? ''}\n`);
    await writeFile(file, 'a-new-key-0123456789');
    const statusOf = async (key: string) => (await rotated.fetch('/patients', { key })).status;
    const fresh = await statusOf('a-new-key-0123456789');
    const previous = await statusOf('patients');
    await rotated.close();
    expect([fresh, previous]).toEqual([200, 200]);
  });

  it('refuses to start where the folder lacks a key, and says which file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hospital-no-keys-'));
    const opening = openKeys({ ...common, config: { kind: 'folder', folder } });
    await expect(opening).rejects.toThrow(`no key in ${folder}/patients_api_key: write one`);
  });

  it('refuses to start where a file holds no proper key, and says how one is made', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hospital-bad-keys-'));
    for (const name of ['patients', 'appointments', 'lab_results']) {
      await writeFile(
        join(folder, `${name}_api_key`),
        name === 'patients' ? 'short' : (keys[name] ?? ''),
      );
    }
    const opening = openKeys({ ...common, config: { kind: 'folder', folder } });
    await expect(opening).rejects.toThrow(
      /^no key of patients can be used: .*openssl rand -base64 32 > .*patients_api_key$/,
    );
  });
});

describe('local keys', () => {
  it('are made once, readable to their owner alone', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'hospital-local-')), 'keys');
    const options = { ...common, config: { kind: 'local', folder } } as const;
    await (await openKeys(options)).close();
    const first = await readFile(join(folder, 'patients_api_key'), 'utf8');
    await (await openKeys(options)).close();
    expect(await readFile(join(folder, 'patients_api_key'), 'utf8')).toBe(first);
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
    expect((await stat(join(folder, 'patients_api_key'))).mode & 0o777).toBe(0o600);
  });
});
