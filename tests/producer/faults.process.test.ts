/** What keeps the producer from going on: one line that says what to do, a status, and nothing passed over. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type Ended, type Folder, makeFolder, programs } from '../commands/processes.js';
import { type BucketServer, startBucket } from '../support/bucket/server.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';
import { createSink } from '../support/sink/sink.js';

// Each runs the producer several times, as a process.
vi.setConfig({ testTimeout: 60_000 });

const topic = 'projects/hospital/topics/hospital-patients';
const collections = readContract().collections.map(({ name }) => name);

let service: TestService;
let bucket: BucketServer;
beforeAll(async () => {
  service = await startService();
  bucket = await startBucket();
  await service.write('patients', [patient('1'), patient('2')]);
});
afterAll(async () => {
  bucket.close();
  await service.close();
});

let folder: Folder;
let pubsub: PubSubServer;
beforeEach(async () => {
  folder = await makeFolder();
  pubsub = await startPubSub();
});
afterEach(async () => {
  pubsub.stop();
  await folder.remove();
});

const settings = () => ({
  SERVICE_URL: service.url,
  PUBSUB_PROJECT: 'hospital',
  PUBSUB_EMULATOR_HOST: pubsub.host,
  API_KEYS_DIR: service.keysFolder,
  CHECKPOINT: join(folder.path, 'checkpoint.json'),
});
const produce = (env: Readonly<Record<string, string>> = {}, ...args: string[]): Promise<Ended> =>
  folder.command(['produce', '--once', '--quiet', '--give-up-after', '2', ...args], {
    ...settings(),
    ...env,
  });
const sinkOf = () => createSink({ broker: pubsub.broker, project: 'hospital', collections });
const checkpointText = () => readFile(join(folder.path, 'checkpoint.json'), 'utf8');

function expectLine({ status, stderr }: Ended, wanted: number, ...words: readonly string[]): void {
  expect({ status, stderr }).toMatchObject({ status: wanted });
  const lines = stderr.trim().split('\n');
  for (const word of words) expect(lines.at(-1)).toContain(word);
}

it('78 when the topic is missing, with the command that makes it', async () => {
  expectLine(await produce(), 78, topic, 'gcloud pubsub topics create hospital-patients');
});

it('77 when the producer may not publish, with the role to grant; then goes on where it was', async () => {
  const sink = sinkOf();
  pubsub.faults.denied.add(topic);
  expectLine(await produce(), 77, 'roles/pubsub.publisher', topic);
  pubsub.faults.denied.clear();
  expect((await produce()).status).toBe(0);
  expect(sink.table('patients').rows().size).toBe(2);
});

it('65 when the topic has a schema that refuses, with the command that takes it off', async () => {
  const sink = sinkOf();
  pubsub.faults.schemas.add(topic);
  expectLine(await produce(), 65, 'schema validation', '--clear-schema-settings');
  expect(sink.table('patients').rows().size).toBe(0);
});

it('69 when Pub/Sub refuses for longer than allowed', async () => {
  sinkOf();
  pubsub.faults.refuse = 1;
  expectLine(await produce(), 69, 'Pub/Sub cannot be reached', 'pubsub.googleapis.com');
});

it('69 when the service is away, 77 when it refuses the key', async () => {
  sinkOf();
  const away = await produce({ SERVICE_URL: 'http://127.0.0.1:9' });
  expectLine(away, 69, 'the service cannot answer', 'SERVICE_URL');
  const refused = await produce({ PATIENTS_API_KEY: 'a-wrong-key-0123456789' });
  expectLine(refused, 77, 'refuses the key of patients');
  const keyless = await produce({ API_KEYS_DIR: join(folder.path, 'nowhere') });
  expectLine(keyless, 77, 'no key in', 'openssl rand');
});

it('69 when Secret Manager is away', async () => {
  const { API_KEYS_DIR: _folder, ...others } = settings();
  const away = { SECRET_MANAGER_PROJECT: 'hospital', SECRET_MANAGER_EMULATOR_HOST: '127.0.0.1:9' };
  const command = ['produce', '--once', '--quiet'];
  expectLine(await folder.command(command, { ...others, ...away }), 69, 'patients_api_key');
}, 60_000);

it('78 for a checkpoint of another service, of another history, or that is none', async () => {
  const sink = sinkOf();
  expect((await produce()).status).toBe(0);
  const text = await checkpointText();
  const place = await folder.write('checkpoint.json', text.replace(service.url, 'https://other'));
  expectLine(await produce(), 78, 'https://other', '--from-start');
  const { feeds } = JSON.parse(text) as { feeds: { patients: { epoch: string } } };
  await writeFile(place, text.replaceAll(feeds.patients.epoch, '0'.repeat(16)));
  expectLine(await produce(), 78, 'another history', '--from-start');
  await writeFile(place, '{}');
  expectLine(await produce(), 78, 'is no checkpoint');
  await writeFile(place, text.replace(service.url, 'https://other'));
  expect((await produce({}, '--from-start')).status).toBe(0);
  expect(sink.table('patients').counts.applied).toBe(4);
  expect(JSON.parse(await checkpointText())).toEqual(JSON.parse(text));
});

it('73 when the checkpoint cannot be written, before anything is published', async () => {
  const sink = sinkOf();
  await folder.write('taken', '');
  const inFile = await produce({ CHECKPOINT: join(folder.path, 'taken/checkpoint.json') });
  expectLine(inFile, 73, 'cannot be written', 'CHECKPOINT');
  bucket.faults.denied = true;
  const refused = await produce({
    CHECKPOINT: 'gs://producer/checkpoint.json',
    STORAGE_EMULATOR_HOST: bucket.url,
  });
  bucket.faults.denied = false;
  expectLine(refused, 73, 'gs://producer/checkpoint.json', 'roles/storage.objectUser');
  expect(sink.table('patients').counts.applied).toBe(0);
});

it('78 when no project is named, or production has no checkpoint', async () => {
  expectLine(await produce({ PUBSUB_PROJECT: '' }), 78, 'PUBSUB_PROJECT');
  expectLine(await produce({ CHECKPOINT: '', NODE_ENV: 'production' }), 78, 'CHECKPOINT');
});

it('65 for a message over 10 MB, and nothing behind it is published', async () => {
  const sink = sinkOf();
  const long = 'x'.repeat(10_000_000);
  const record = `{"patient_id":"1","name":"${long}","updated_ts":"2026-01-05T08:00:00.000001Z"}\n`;
  const server = createServer((request, response) => {
    const isPatients = request.url?.startsWith('/patients') === true;
    response
      .writeHead(200, {
        ...{ 'next-cursor': 'c', 'feed-epoch': '0'.repeat(16) },
        'feed-position': '2026-01-05T08:00:00.000001Z',
      })
      .end(isPatients ? record : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ended = await produce({ SERVICE_URL: `http://127.0.0.1:${port}` });
  server.closeAllConnections();
  server.close();
  expectLine(ended, 65, 'the patients record at 2026-01-05T08:00:00.000001Z', '10000000');
  expect(sink.table('patients').counts).toEqual({ applied: 0, passedOver: 0, refused: 0 });
});

describe('two producers on one checkpoint', () => {
  const start = (checkpoint: string, ...options: readonly string[]) =>
    folder.run(programs.hospitalApi, ['produce', ...options], {
      ...settings(),
      ...{ CHECKPOINT: checkpoint, STORAGE_EMULATOR_HOST: bucket.url },
    });

  it('75: exactly one of eight works on a file, and the next does after a kill -9', async () => {
    sinkOf();
    const place = join(folder.path, 'checkpoint.json');
    const runs = Array.from({ length: 8 }, () => start(place));
    const refused = await firstSeven(runs.map((run) => run.ended));
    for (const ended of refused) expectLine(ended, 75, 'another producer works on', 'CHECKPOINT');
    const [worker] = runs.filter(({ process: child }) => child.exitCode === null);
    expect(worker).toBeDefined();
    worker?.process.kill('SIGKILL');
    await worker?.ended;
    expect((await produce()).status).toBe(0);
  });

  it('75: a second one on an object of a bucket ends, and the first goes on', async () => {
    const sink = sinkOf();
    const place = 'gs://producer/shared.json';
    const first = start(place);
    await expect.poll(() => sink.table('patients').rows().size, { timeout: 15_000 }).toBe(2);
    const second = await start(place).ended;
    expectLine(second, 75, 'another producer works on', place);
    const scheduled = await start(place, '--once', '--unless-running').ended;
    expectLine(scheduled, 0, 'another producer works on', 'nothing to do');
    await service.write('patients', [patient('3')]);
    await expect.poll(() => sink.table('patients').rows().size, { timeout: 15_000 }).toBe(3);
    first.process.kill('SIGTERM');
    expect((await first.ended).status).toBe(143);
    const stored = bucket.objects.get('producer/shared.json')?.content ?? '';
    expect(JSON.parse(stored)).not.toHaveProperty('owner');
    expect(stored).toContain('"lab_results"');
  });
});

/** Those that end, when all but one do. */
async function firstSeven(endings: readonly Promise<Ended>[]): Promise<readonly Ended[]> {
  const ended: Ended[] = [];
  for (const ending of endings) void ending.then((one) => ended.push(one));
  await expect.poll(() => ended.length, { timeout: 15_000 }).toBe(endings.length - 1);
  return ended;
}

it('--dry-run prints the messages and publishes nothing; --status tells how far it is', async () => {
  const sink = sinkOf();
  const shown = await folder.command(['produce', '--dry-run'], settings());
  const lines = shown.stdout.trim().split('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    topic: 'hospital-patients',
    attributes: { collection: 'patients' },
    data: { patient_id: 'ehr:Patient:1', _CHANGE_TYPE: 'UPSERT' },
  });
  expect(sink.table('patients').counts.applied).toBe(0);
  const before = await folder.command(['produce', '--status'], settings());
  expect(before.stdout).toMatch(/^patients +nothing /m);
  expect((await produce()).status).toBe(0);
  const after = await folder.command(['produce', '--status'], settings());
  expect(after.stdout).toMatch(/^patients +\d{4}-.*nothing waits$/m);
});

it('publishes the record as it is served, with its place in the feed and its attributes', async () => {
  sinkOf();
  const path = 'projects/hospital/subscriptions/all';
  const subscription = pubsub.broker.createSubscription(path, topic);
  expect((await produce()).status).toBe(0);
  const delivery = pubsub.broker
    .take(subscription, 10)
    .find(({ message }) => message.data.includes('"patient_id":"ehr:Patient:1"'));
  const text = delivery?.message.data.toString() ?? '';
  const answer = await fetch(`${service.url}/patients/ehr:Patient:1`, {
    headers: { 'x-api-key': keys.patients ?? '' },
  });
  const record = await answer.text();
  expect(text.startsWith(record.slice(0, -1))).toBe(true);
  const { updated_ts: time } = JSON.parse(record) as { updated_ts: string };
  const { _CHANGE_SEQUENCE_NUMBER: number } = JSON.parse(text) as Record<string, string>;
  const [epoch, position = ''] = number?.split('/') ?? [];
  expect(epoch).toMatch(/^[0-9a-f]{16}$/);
  const micros = Date.parse(time.slice(0, 19) + 'Z') * 1000 + Number(time.slice(20, 26));
  expect(Number.parseInt(position, 16)).toBe(micros);
  expect(delivery?.message).toMatchObject({
    attributes: { collection: 'patients', contract_version: readContract().document.info.version },
  });
  expect(delivery?.message.attributes.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});
