/** What a process of the service shows of keys: nothing, in its output, its title, its answers. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { addKey, nameOf } from '../support/google-keys.js';
import { type SecretManager, startSecretManager } from '../support/secret-manager/server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const right = 'right-key-0123456789';
const shown = ['right-key', 'other-key', 'wrong-key', 'bad-key'];

let database: TestDatabase;
let manager: SecretManager;
beforeAll(async () => {
  database = await createDatabase();
  manager = await startSecretManager();
  for (const name of ['patients', 'appointments', 'lab_results']) {
    addKey(manager, `${name}_api_key`, name === 'patients' ? right : 'other-key-0123456789');
  }
  addKey(manager, 'patients_api_key', 'bad-key-ü-0123456789');
});
afterAll(async () => {
  manager.stop();
  await database.drop();
});

it('200, 401 and 503 show no key in output, process title or answer, and no name of a secret in an answer', async () => {
  const child = spawn(
    process.execPath,
    ['--import', join(root, 'node_modules/tsx/dist/loader.mjs'), join(root, 'src/main.ts')],
    {
      cwd: await mkdtemp(join(tmpdir(), 'hospital-shown-')),
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        LOG_LEVEL: 'debug',
        DATABASE_URL: database.url,
        SECRET_MANAGER_PROJECT: 'hospital',
        SECRET_MANAGER_EMULATOR_HOST: manager.host,
        API_KEYS_REFRESH_SECONDS: '1',
        API_KEYS_MAX_AGE_SECONDS: '3',
      },
    },
  );
  let printed = '';
  const collect = (chunk: Buffer) => (printed += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const urlOf = () => /"url":"(http:[^"]+)"/.exec(printed)?.[1];
  await expect.poll(urlOf, { timeout: 15_000 }).toBeDefined();
  let answered = '';
  const ask = async (key: string) => {
    const response = await fetch(`${urlOf() ?? ''}/patients`, { headers: { 'x-api-key': key } });
    answered += JSON.stringify([...response.headers]) + (await response.text());
    return response.status;
  };
  const statuses = [await ask(right), await ask('wrong-key-0123456789')];
  const title = await readFile(`/proc/${child.pid ?? 0}/cmdline`, 'utf8').catch(() => '');
  manager.faults.denied.add(nameOf('patients_api_key'));
  await expect.poll(() => ask(right), { timeout: 10_000 }).toBe(503);
  child.kill('SIGTERM');
  await new Promise((resolve) => child.on('exit', resolve));
  expect(statuses).toEqual([200, 401]);
  expect(printed).toContain('roles/secretmanager.secretAccessor');
  for (const word of shown) {
    expect(printed).not.toContain(word);
    expect(answered).not.toContain(word);
    expect(title).not.toContain(word);
  }
  expect(answered).not.toContain('api_key');
}, 60_000);
