/** `hospital-api keys` on a folder of files: each action, what it asks before it writes, and that no key is shown. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function keys(folder: string, ...args: readonly string[]) {
  const child = spawn(
    process.execPath,
    [
      ...['--import', join(root, 'node_modules/tsx/dist/loader.mjs')],
      ...[join(root, 'src/commands/hospital-api.ts'), 'keys', ...args],
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        API_KEYS_DIR: folder,
        CONSUMERS: '[{"name":"research","collections":["patients"]}]',
      },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

it('makes, rotates, lists with the last use, and revokes, in whole files of the same mode', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-keys-'));
  const file = join(folder, 'patients_api_key');
  const made = await keys(folder, 'generate', 'patients', '--yes');
  const first = await readFile(file, 'utf8');
  const rotated = await keys(folder, 'rotate', 'patients', '--yes');
  const second = await readFile(file, 'utf8');
  const use = {
    ...{ message: 'key in use', scheme: 'patients', consumer: 'default', keyVersion: 'previous' },
    lastUsed: new Date().toISOString(),
  };
  const log = join(folder, 'service.log');
  await writeFile(log, `not of the service\n${JSON.stringify(use)}\n`);
  const listed = await keys(folder, 'list', 'patients', '--log', log);
  const previous = await readFile(`${file}.previous`, 'utf8');
  const revoked = await keys(folder, 'revoke', 'patients', '--yes');
  expect([made.code, rotated.code, listed.code, revoked.code]).toEqual([0, 0, 0, 0]);
  expect(first).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
  expect(previous).toBe(first);
  expect(second).not.toBe(first);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(listed.stdout).toMatch(/previous +enabled +\d+ s +\d+ s ago/);
  expect(listed.stdout).toMatch(/current +enabled +\d+ s +not in this log/);
  expect((await readdir(folder)).sort()).toEqual(['patients_api_key', 'service.log']);
  const printed = JSON.stringify([made, rotated, listed, revoked]);
  for (const key of [first, second]) expect(printed).not.toContain(key.trim());
}, 60_000);

it('writes nothing where nobody can be asked and --yes is not given', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-keys-'));
  const { code, stderr } = await keys(folder, 'generate', 'patients', '--consumer', 'research');
  expect([code, await readdir(folder)]).toEqual([1, []]);
  expect(stderr).toContain('patients_api_key_research? Nobody can answer here: add --yes');
}, 30_000);

it('names the schemes and consumers that there are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-keys-'));
  const { code, stderr } = await keys(folder, 'list', 'visits');
  expect(code).toBe(1);
  expect(stderr).toContain('there are patients (default), appointments (default)');
}, 30_000);
