/** A store that is put back to an earlier state: what the tables have of the lost time is replaced, and deleted. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHospitalClient } from '@hospital-streaming-api/client';
import { readContract } from '../../src/contract/contract.js';
import { openTopics } from '../../src/producer/topics.js';
import { createFeed } from '../../src/warehouse/feed.js';
import { type Findings, reconcile, repair } from '../../src/warehouse/reconcile.js';
import { type Folder, makeFolder } from '../commands/processes.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';
import { type Sink, createSink } from '../support/sink/sink.js';
import { warehouseOf } from '../support/warehouse/sink-warehouse.js';

const collection = 'patients';
const named = (from: number, to: number, name: string) =>
  Array.from({ length: to - from }, (_, index) => patient(String(from + index), { name }));

let service: TestService;
let pubsub: PubSubServer;
let sink: Sink;
let folder: Folder;
beforeAll(async () => {
  service = await startService();
  pubsub = await startPubSub();
  const collections = readContract().collections.map(({ name }) => name);
  sink = createSink({ broker: pubsub.broker, project: 'hospital', collections });
  folder = await makeFolder();
  process.env.PUBSUB_EMULATOR_HOST = pubsub.host;
});
afterAll(async () => {
  delete process.env.PUBSUB_EMULATOR_HOST;
  await folder.remove();
  pubsub.stop();
  await service.close();
});

const produce = (...args: string[]) =>
  folder.command(['produce', '--once', '--quiet', ...args], {
    ...{ SERVICE_URL: service.url, PUBSUB_PROJECT: 'hospital', API_KEYS_DIR: service.keysFolder },
    PUBSUB_EMULATOR_HOST: pubsub.host,
  });

function feed() {
  const key = (name: string) => keys[name] ?? '';
  return createFeed(createHospitalClient({ url: service.url, key }), collection, 'patient_id');
}

const compare = () =>
  reconcile({ feed: feed(), warehouse: warehouseOf(sink), window: { from: 0, to: undefined } });

async function mend(found: Findings): Promise<void> {
  const topics = await openTopics({
    project: 'hospital',
    topic: 'hospital-{collection}',
  });
  const publish = (messages: readonly string[]) =>
    topics.publish(
      collection,
      messages.map((text) => ({ data: Buffer.from(text) })),
      { collection },
    );
  await repair({ feed: feed(), warehouse: warehouseOf(sink), found, publish });
  await topics.close();
}

async function served(): Promise<readonly Record<string, unknown>[]> {
  const headers = { 'x-api-key': keys[collection] ?? '', accept: 'application/x-ndjson' };
  const text = await (await fetch(`${service.url}/${collection}`, { headers })).text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it(
  'after a restore, the producer and a repair, table and store are equal',
  { timeout: 120_000 },
  async () => {
    await service.write(collection, named(0, 300, 'before'));
    expect(await produce()).toMatchObject({ status: 0 });
    let putBack = () => Promise.resolve();
    await service.restart(async () => {
      putBack = await service.database.backUp();
    });
    await service.write(collection, [...named(250, 300, 'lost'), ...named(300, 320, 'lost')]);
    expect(await produce()).toMatchObject({ status: 0 });
    expect(sink.table(collection).rows().size).toBe(320);

    await service.restart(putBack);
    expect(await produce()).toMatchObject({ status: 78 });
    expect(await produce('--from-start')).toMatchObject({ status: 0 });
    const found = await compare();
    const orphans = Array.from({ length: 20 }, (_, index) => `ehr:Patient:${300 + index}`);
    expect(found.findings.map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual(
      orphans.map((id) => `orphan ${id}`),
    );
    await mend(found);
    await expect
      .poll(async () => (await compare()).findings, { timeout: 20_000, interval: 200 })
      .toEqual([]);
    const records = await served();
    expect(records).toHaveLength(300);
    expect(new Set(records.map(({ name }) => name))).toEqual(new Set(['before']));
    const rows = sink.table(collection).rows();
    expect(rows.size).toBe(300);
    expect(records.map(({ patient_id: id }) => rows.get(String(id)))).toEqual(records);
    expect(sink.deadLetters).toEqual([]);
  },
);
