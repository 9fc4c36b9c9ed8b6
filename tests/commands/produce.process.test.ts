/** `hospital-api produce` as an operator meets it: whose keys it reads, and what it tells of how far it is. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { positionOfTime } from '../../src/contract/time.js';
import { readContract } from '../../src/contract/contract.js';
import { addKey, nameOf } from '../support/google-keys.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { patient } from '../support/records.js';
import { type SecretManager, startSecretManager } from '../support/secret-manager/server.js';
import { type TestService, keys, startService } from '../support/service.js';
import { type Sink, createSink } from '../support/sink/sink.js';
import { type Folder, makeFolder } from './processes.js';

vi.setConfig({ testTimeout: 60_000 });

const collections = readContract().collections.map(({ name }) => name);

let service: TestService;
let folder: Folder;
let pubsub: PubSubServer;
let sink: Sink;
beforeEach(async () => {
  service = await startService();
  folder = await makeFolder();
  pubsub = await startPubSub();
  sink = createSink({ broker: pubsub.broker, project: 'hospital', collections });
  await service.write('patients', [patient('1'), patient('2')]);
});
afterEach(async () => {
  await folder.remove();
  pubsub.stop();
  await service.close();
});

const produce = (args: readonly string[], settings?: Readonly<Record<string, string>>) =>
  folder.command(['produce', ...args], {
    ...{ SERVICE_URL: service.url, PUBSUB_PROJECT: 'hospital', PUBSUB_EMULATOR_HOST: pubsub.host },
    CHECKPOINT: join(folder.path, 'checkpoint.json'),
    // Nothing here is Google's, so nobody is asked who this machine is.
    METADATA_SERVER_DETECTION: 'none',
    ...(settings ?? { API_KEYS_DIR: service.keysFolder }),
  });

describe('progress', () => {
  it('is one line of what was published at the end, where there is no terminal', async () => {
    const { status, stdout, stderr } = await produce(['--once']);
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^patients 2 · appointments 0 · lab_results 0 │ \d+ records\/s\n$/);
  });

  it('is nothing with --quiet', async () => {
    expect(await produce(['--once', '--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('--status', () => {
  it('tells for how long the oldest record that waits has been waiting', async () => {
    expect((await produce(['--once', '--quiet'])).status).toBe(0);
    const before = await newest();
    await service.write('patients', [patient('3')]);
    const oldest = await newest();
    await delay(50);
    await service.write('patients', [patient('4')]);
    const behindMs = (positionOfTime(await newest()) - positionOfTime(oldest)) / 1_000;
    const { status, stdout } = await produce(['--status']);
    expect(status).toBe(0);
    const [patients = ''] = stdout.split('\n').filter((line) => line.startsWith('patients'));
    expect(patients.split(/ {2,}/)).toEqual([
      ...['patients', before, await newest()],
      `${Math.round(behindMs)} ms`,
    ]);
    expect(sink.table('patients').counts.applied).toBe(2);
  });
});

async function newest(): Promise<string> {
  const [row] = await service.database.query(
    `select feed_time(max(position)) as time from record where collection = 'patients'`,
  );
  return String(row?.time);
}

describe('keys in Secret Manager', () => {
  let manager: SecretManager;
  beforeEach(async () => {
    manager = await startSecretManager();
    for (const [name, key] of Object.entries(keys)) addKey(manager, `${name}_api_key`, key);
  });
  afterEach(() => {
    manager.stop();
  });
  const once = () =>
    produce(['--once', '--quiet', '--give-up-after', '2'], {
      SECRET_MANAGER_PROJECT: 'hospital',
      SECRET_MANAGER_EMULATOR_HOST: manager.host,
    });

  it('reads each collection with the newest version of its secret', async () => {
    addKey(manager, 'patients_api_key', 'before-key-0123456789');
    addKey(manager, 'patients_api_key', keys.patients ?? '');
    expect(await once()).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(sink.table('patients').rows().size).toBe(2);
    const asked = new Set(manager.accesses.map((name) => name.replace(/\/versions\/.*/, '')));
    expect(asked).toEqual(new Set(collections.map((name) => nameOf(`${name}_api_key`))));
  });

  it('77 when the service refuses the newest, and when the secret may not be read', async () => {
    addKey(manager, 'patients_api_key', 'another-key-0123456789');
    const refused = await once();
    expect([refused.status, refused.stderr]).toEqual([
      77,
      expect.stringContaining('refuses the key of patients'),
    ]);
    manager.faults.denied.add(nameOf('patients_api_key'));
    const denied = await once();
    expect([denied.status, denied.stderr]).toEqual([
      77,
      expect.stringContaining('roles/secretmanager.secretAccessor'),
    ]);
    expect(sink.table('patients').counts.applied).toBe(0);
  });
});
