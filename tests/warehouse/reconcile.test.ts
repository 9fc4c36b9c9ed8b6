/** Feed and table compared through the service's digests, repaired through the real Pub/Sub client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHospitalClient } from '@hospital-streaming-api/client';
import { changesOf } from '../../src/producer/message.js';
import { type Topics, openTopics } from '../../src/producer/topics.js';
import { createFeed } from '../../src/warehouse/feed.js';
import { type Findings, reconcile, repair } from '../../src/warehouse/reconcile.js';
import type { Warehouse } from '../../src/warehouse/warehouse.js';
import { marked } from '../support/marks.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { labResult } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';
import { type Sink, createSink } from '../support/sink/sink.js';
import { createTables, postgresWarehouse, upsert } from '../support/warehouse/postgres-tables.js';
import { warehouseOf } from '../support/warehouse/sink-warehouse.js';

const collection = 'lab_results';
/** 100,000 by `npm run lab -- torture:reconcile`. */
const records = Number(process.env.RECORDS ?? 30_000);
const patience = { timeout: 60_000, interval: 200 };
const everything = { from: 0, to: undefined };

let service: TestService;
let pubSub: PubSubServer;
let sink: Sink;
let topics: Topics;
let warehouse: Warehouse;
let epoch = '';

function feed(fetch = globalThis.fetch as (request: Request) => Promise<Response>) {
  const key = (name: string) => keys[name] ?? '';
  const client = createHospitalClient({ url: service.url, key, fetch });
  return createFeed(client, collection, 'lab_result_id');
}

const changed = (body: string) =>
  changesOf([Buffer.from(body)], { collection, epoch })[0] ?? Buffer.of();
const compare = () => reconcile({ feed: feed(), warehouse, window: everything });
const named = ({ findings }: Findings) => findings.map(({ kind, id }) => `${kind} ${id}`).sort();

async function mend(found: Findings): Promise<number> {
  const publish = (messages: readonly string[]) =>
    topics.publish(
      collection,
      messages.map((text) => ({ data: Buffer.from(text) })),
      { collection },
    );
  return repair({ feed: feed(), warehouse, found, publish });
}

/** One written record, copied: each at a position and with an id of its own. */
async function fillStore(): Promise<void> {
  await service.write(collection, [labResult('n')]);
  await service.database.query(`
    insert into record (collection, id, position, version, patient_id, record_state, digest,
      created_position, created_by, updated_by, load_id, contract, body)
    select collection, 'ehr:Observation:' || n, position + n, version, patient_id, record_state,
      digest, created_position, created_by, updated_by, load_id, contract,
      replace(replace(body, ':n"', ':' || n || '"'), feed_time(position), feed_time(position + n))
    from record, generate_series(1, ${records - 1}) as n where collection = '${collection}'`);
  await service.database.query(`
    update feed set last = (select max(position) from record where collection = '${collection}')
    where collection = '${collection}'`);
}

const bodies = async (where = 'true') =>
  (
    await service.database.query(
      `select body from record where collection = '${collection}' and ${where} order by position`,
    )
  ).map(({ body }) => String(body));

async function publishAll(): Promise<void> {
  epoch = (await feed().digest(everything)).epoch;
  for (const body of await bodies()) {
    sink.table(collection).apply(changed(body));
  }
}

describe('reconcile', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    service = await startService();
    pubSub = await startPubSub();
    process.env.PUBSUB_EMULATOR_HOST = pubSub.host;
    sink = createSink({ broker: pubSub.broker, project: 'test', collections: [collection] });
    topics = await openTopics({
      project: 'test',
      topic: 'hospital-{collection}',
    });
    warehouse = warehouseOf(sink);
    await fillStore();
    await publishAll();
  }, 120_000);
  afterAll(async () => {
    await topics.close();
    pubSub.stop();
    delete process.env.PUBSUB_EMULATOR_HOST;
    await service.close();
  });

  it('finds nothing where feed and table are equal', async () => {
    expect(await compare()).toMatchObject({ findings: [], records, moving: 0 });
  });

  it('names a missing, a stale and an orphan row and no other, mends them, and then finds nothing', async () => {
    const table = sink.table(collection);
    const stale = table.rows().get('ehr:Observation:17000') ?? {};
    const orphan = { ...stale, lab_result_id: 'ehr:Observation:gone', source_id: 'gone' };
    table.plant('ehr:Observation:123', undefined);
    table.plant('ehr:Observation:17000', { ...stale, updated_ts: '2020-01-01T00:00:00.000001Z' });
    table.plant('ehr:Observation:gone', orphan);
    const found = await compare();
    expect(named(found)).toEqual([
      'missing ehr:Observation:123',
      'orphan ehr:Observation:gone',
      'stale ehr:Observation:17000',
    ]);
    expect(await mend(found)).toBe(3);
    await expect.poll(async () => named(await compare()), patience).toEqual([]);
    expect(sink.deadLetters).toEqual([]);
  });

  it('takes for no difference what changed behind the end of its window', async () => {
    const id = 'ehr:Observation:77';
    const end = (await feed().digest(everything)).last + 1;
    await service.write(collection, [labResult('77', { value_number: 1 })]);
    const { findings, moving } = await reconcile({
      ...{ feed: feed(), warehouse, window: { from: 0, to: end } },
    });
    expect([findings, moving]).toEqual([[], 1]);
    await mend(await compare());
    await expect.poll(async () => named(await compare()), patience).toEqual([]);
    expect(sink.table(collection).rows().get(id)?.value_number).toBe(1);
  });

  it('asks again where the service refuses because it is asked too often, or cannot answer', async () => {
    const refused: number[] = [];
    const from = feed(async (request) => {
      if (refused.length >= 3) return fetch(request);
      refused.push([429, 503, 429][refused.length] ?? 0);
      return new Response(null, { status: refused.at(-1) ?? 0, headers: { 'retry-after': '0' } });
    });
    expect(await from.find('ehr:Observation:5')).toBeDefined();
    expect(refused).toEqual([429, 503, 429]);
    expect((await from.digest(everything)).count).toBeGreaterThan(0);
  });

  it('lists what moved behind its window when that is much, and asks for no record by itself', async () => {
    const end = (await feed().digest(everything)).last + 1;
    const ids = Array.from({ length: 150 }, (_, index) => String(500 + index));
    await service.write(
      collection,
      ids.map((id) => labResult(id, { value_number: 2 })),
    );
    const asked: string[] = [];
    const from = feed(async (request) => {
      asked.push(new URL(request.url).pathname);
      return fetch(request);
    });
    const found = await reconcile({ feed: from, warehouse, window: { from: 0, to: end } });
    expect([found.findings, found.moving]).toEqual([[], 150]);
    expect(asked.filter((path) => path.includes('ehr'))).toEqual([]);
    await mend(await compare());
    await expect.poll(async () => named(await compare()), patience).toEqual([]);
  });

  it('asks one statement of the table that another engine runs to the same sums', async () => {
    const sample = await bodies(`id like 'ehr:Observation:12%' and id <> 'ehr:Observation:1212'`);
    await createTables(service.database);
    await upsert(service.database, collection, sample);
    const inPostgres = postgresWarehouse(service.database);
    const few = createSink({
      ...{ broker: pubSub.broker, project: 'other', collections: [collection] },
    });
    for (const body of sample) {
      few.table(collection).apply(changed(body));
    }
    const positions = sample.map(
      (body) => Date.parse(/"updated_ts":"([^"]+)"/.exec(body)?.[1] ?? '') * 1000,
    );
    const [first = 0, last = 0] = [positions[0], positions.at(-1)];
    const middle = Math.floor((first + last) / 2);
    const stretches = [
      { from: 0, to: first },
      { from: first, to: middle },
      { from: middle, to: undefined },
    ];
    const inSink = warehouseOf(few);
    expect(await inPostgres.digests(collection, stretches)).toEqual(
      await inSink.digests(collection, stretches),
    );
    const sorted = (entries: readonly { id: string }[]) => entries.map(({ id }) => id).sort();
    expect(sorted(await inPostgres.entries(collection, stretches.slice(1, 2)))).toEqual(
      sorted(await inSink.entries(collection, stretches.slice(1, 2))),
    );
    const [row] = await inPostgres.rows(collection, ['ehr:Observation:12']);
    expect(row).toMatchObject({ lab_result_id: 'ehr:Observation:12', value_number: marked.value });
  });
});
