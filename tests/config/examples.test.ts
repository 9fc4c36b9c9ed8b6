/** The example files: valid as they are, and each line that is a comment is valid too. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config/config.js';
import { readContract } from '../../src/contract/contract.js';
import { secretIdsOfCollections } from '../../src/security/holders.js';
import type { Setting } from '../../src/config/setting.js';
import { settings } from '../../src/config/settings.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hospital-examples-'));
});
afterEach(() => rm(folder, { recursive: true }));

const contract = readContract();
const read = (env: Readonly<Record<string, string>>) =>
  readConfig({
    ...{ env, folder, keysNeeded: true },
    collectionNames: contract.collections.map(({ name }) => name),
    secretIds: secretIdsOfCollections(contract),
  });
const expected = {
  production: true,
  database: { kind: 'url', url: expect.stringContaining('sslmode=verify-full') as string },
  keys: { kind: 'google', project: settings.SECRET_MANAGER_PROJECT.example },
  warnings: [],
};
const env = await readFile('config/example.env', 'utf8');
const yaml = await readFile('config/example.yaml', 'utf8');
const uncommented = (text: string) => text.replaceAll(/^#(?=[A-Z])/gm, '');

describe('config/example.env', () => {
  it('is a valid configuration of production', async () => {
    await writeFile(join(folder, '.env'), env);
    expect(await read({})).toMatchObject(expected);
  });

  it('has every setting with a right example', () => {
    const values = parseEnv(uncommented(env));
    expect(Object.keys(values).sort()).toEqual(Object.keys(settings).sort());
    const wrong = Object.entries<Setting<unknown>>(settings).filter(
      ([name, setting]) => setting.parse(values[name] ?? '') === undefined,
    );
    expect(wrong).toEqual([]);
  });
});

describe('config/example.yaml', () => {
  it('is the same configuration', async () => {
    const file = join(folder, 'example.yaml');
    await writeFile(file, yaml);
    const ofYaml = await read({ CONFIG_FILE: file });
    await writeFile(join(folder, '.env'), env);
    expect(ofYaml).toEqual(await read({}));
  });

  it('has every setting, also where the comments are taken away', async () => {
    expect(Object.keys(parse(uncommented(yaml)) as object)).toEqual(Object.keys(settings));
    const file = join(folder, 'all.yaml');
    for (const line of yaml.match(/^#[A-Z_]+:.*$/gm) ?? []) {
      await writeFile(file, `${yaml}${line.slice(1)}\n`);
      const error = await read({ CONFIG_FILE: file }).catch((error: unknown) => error);
      const errors = error instanceof Error ? error.message.split('\n') : [];
      const name = line.slice(1, line.indexOf(':'));
      expect(errors.filter((error) => error.startsWith(`${name} must be`))).toEqual([]);
    }
  });
});
