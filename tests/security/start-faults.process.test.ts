/** What keeps the service from starting for want of keys: status 78, and one line that names the mend. */
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { addKey, nameOf } from '../support/google-keys.js';
import { type SecretManager, startSecretManager } from '../support/secret-manager/server.js';
import { keys } from '../support/service.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const patients = nameOf('patients_api_key');

let database: TestDatabase;
let manager: SecretManager;
let folder: string;
beforeAll(async () => {
  database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'hospital-start-'));
  manager = await startSecretManager();
  for (const [name, key] of Object.entries(keys)) addKey(manager, `${name}_api_key`, key);
});
afterAll(async () => {
  manager.stop();
  await database.drop();
});

/** Starts the service as a process and waits for its end. */
async function start(settings: Readonly<Record<string, string>>) {
  const child = spawn(
    process.execPath,
    ['--import', join(root, 'node_modules/tsx/dist/loader.mjs'), join(root, 'src/main.ts')],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        DATABASE_URL: database.url,
        SECRET_MANAGER_EMULATOR_HOST: manager.host,
        ...settings,
      },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [stderr, stdout, code] = await Promise.all([text(child.stderr), text(child.stdout), ended]);
  return { code, stdout, lines: stderr.trimEnd().split('\n') };
}

const google = { SECRET_MANAGER_PROJECT: 'hospital' };

describe('78 with one line that names the mend', () => {
  it('where there is no such secret', async () => {
    const { code, lines } = await start({
      ...google,
      PATIENTS_API_KEY_SECRET_ID: 'projects/hospital/secrets/nowhere/versions/latest',
    });
    expect([code, lines.length]).toEqual([78, 1]);
    expect(lines[0]).toMatch(
      /projects\/hospital\/secrets\/nowhere: make it, with: gcloud secrets create nowhere --project=hospital/,
    );
  });

  it('where the service may not read it', async () => {
    manager.faults.denied.add(patients);
    const { code, lines } = await start(google);
    manager.faults.denied.clear();
    expect([code, lines.length]).toEqual([78, 1]);
    expect(lines[0]).toMatch(
      /may not read projects\/hospital\/secrets\/patients_api_key: grant it roles\/secretmanager.secretAccessor, with: gcloud /,
    );
  });

  it('where there is no network, after the deadline', async () => {
    const { code, lines } = await start({
      ...google,
      COLLECTIONS: 'patients',
      SECRET_MANAGER_EMULATOR_HOST: '127.0.0.1:1',
    });
    expect([code, lines.length]).toEqual([78, 1]);
    expect(lines[0]).toMatch(
      /^Secret Manager could not be reached for .*ECONNREFUSED.*: check the way to secretmanager.googleapis.com/,
    );
  }, 40_000);

  it('where the name is a bad one', async () => {
    const { code, lines } = await start({ ...google, PATIENTS_API_KEY_SECRET_ID: 'patients' });
    expect([code, lines]).toEqual([
      78,
      ['PATIENTS_API_KEY_SECRET_ID must be projects/P/secrets/S/versions/V, V a number or latest'],
    ]);
  });

  it('where the payload is empty', async () => {
    addKey(manager, 'empty', '');
    const { code, lines } = await start({
      ...google,
      PATIENTS_API_KEY_SECRET_ID: 'projects/hospital/secrets/empty/versions/latest',
    });
    expect([code, lines.length]).toEqual([78, 1]);
    expect(lines[0]).toMatch(
      /^no key of patients can be used: give .* a key of 16 .*gcloud secrets versions add empty/,
    );
  });

  it('where every version is disabled', async () => {
    addKey(manager, 'ended', 'a-key-that-was-0123456789');
    manager.secrets.setState(`${nameOf('ended')}/versions/1`, 'DISABLED');
    const { code, lines } = await start({
      ...google,
      PATIENTS_API_KEY_SECRET_ID: 'projects/hospital/secrets/ended/versions/latest',
    });
    expect([code, lines.length]).toEqual([78, 1]);
    expect(lines[0]).toContain('no key of patients can be used');
  });
});
