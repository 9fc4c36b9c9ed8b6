/** `hospital-api reconcile`: what it says of tables that differ, with which status it ends, and what it publishes anew. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type BigQueryServer, startBigQuery } from '../support/bigquery/server.js';
import { signIn } from '../support/bigquery/sign-in.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { patient } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';
import { type Sink, createSink } from '../support/sink/sink.js';
import { createTables, upsert } from '../support/warehouse/postgres-tables.js';
import { type Folder, makeFolder } from './processes.js';

// Each runs the command at least once, as a process.
vi.setConfig({ testTimeout: 60_000 });

const collections = readContract().collections.map(({ name }) => name);

let service: TestService;
let bigQuery: BigQueryServer;
let pubsub: PubSubServer;
let sink: Sink;
let folder: Folder;
let settings: Readonly<Record<string, string>>;
beforeAll(async () => {
  service = await startService();
  const { database } = service;
  await createTables(database);
  const run = (statement: string, values: readonly unknown[]) =>
    database.query(statement, [...values]);
  bigQuery = await startBigQuery({ run, rowsOnAPage: 100 });
  pubsub = await startPubSub();
  sink = createSink({ broker: pubsub.broker, project: 'hospital', collections });
  folder = await makeFolder();
  settings = {
    ...(await signIn(bigQuery, folder.path)),
    ...{ SERVICE_URL: service.url, API_KEYS_DIR: service.keysFolder },
    ...{ PUBSUB_PROJECT: 'hospital', PUBSUB_EMULATOR_HOST: pubsub.host },
  };
  await service.write(
    'patients',
    ['1', '2', '3'].map((id) => patient(id)),
  );
});
afterAll(async () => {
  await folder.remove();
  pubsub.stop();
  bigQuery.close();
  await service.close();
});
beforeEach(async () => {
  await service.database.query('truncate warehouse.patients');
  await upsert(service.database, 'patients', await served());
});

const command = ['reconcile', '--dataset', 'hospital.warehouse', '--older-than', '0'];
const reconcile = (...args: readonly string[]) => folder.command([...command, ...args], settings);
/** Of one record, or of all, as the feed serves them. */
async function served(id = '%'): Promise<readonly string[]> {
  const rows = await service.database.query(
    `select body from record where collection = 'patients' and id like $1 order by position`,
    [id],
  );
  return rows.map(({ body }) => String(body));
}
const remove = (id: string) =>
  service.database.query('delete from warehouse.patients where patient_id = $1', [id]);
/** One row that is missing, one of a version before, and one that the feed does not know. */
async function spoil(): Promise<void> {
  await remove('ehr:Patient:1');
  const [record = ''] = await served('ehr:Patient:2');
  const stale = record.replace(
    /"updated_ts":"[^"]+"/,
    '"updated_ts":"2026-01-05T08:00:00.000001Z"',
  );
  await upsert(service.database, 'patients', [stale, record.replaceAll(':2"', ':gone"')]);
}

describe('reconcile', () => {
  it('0 where feeds and tables are equal', async () => {
    expect(await reconcile()).toEqual({
      status: 0,
      stdout: [
        'patients: 3 records compared, 0 differ\n',
        'appointments: 0 records compared, 0 differ\n',
        'lab_results: 0 records compared, 0 differ\n',
      ].join(''),
      stderr: '',
    });
  });

  it('2 where they differ, naming each record, and nothing is published', async () => {
    await spoil();
    const { status, stdout, stderr } = await reconcile();
    expect([status, stderr]).toEqual([2, '']);
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'patients: missing ehr:Patient:1',
      'patients: stale ehr:Patient:2',
      'patients: orphan ehr:Patient:gone',
      'patients: 3 records compared, 3 differ',
    ]);
    expect(sink.table('patients').counts.applied).toBe(0);
  });

  it('--repair publishes what the table lacks, and the deletion of what it has too much', async () => {
    await spoil();
    const [record = ''] = await served('ehr:Patient:2');
    const orphan = JSON.parse(record.replaceAll(':2"', ':gone"')) as Record<string, string>;
    sink.table('patients').plant('ehr:Patient:gone', orphan);
    const { status, stdout } = await reconcile('--repair');
    expect(status).toBe(2);
    expect(stdout).toContain('patients: 3 published anew; compare again when they arrived\n');
    expect(sink.deadLetters).toEqual([]);
    const rows = [...sink.table('patients').rows().values()];
    expect(rows).toHaveLength(2);
    const both = [...(await served('ehr:Patient:1')), ...(await served('ehr:Patient:2'))];
    expect(rows).toEqual(expect.arrayContaining(both.map((body) => JSON.parse(body) as unknown)));
    await upsert(
      service.database,
      'patients',
      rows.map((row) => JSON.stringify(row)),
    );
    await remove('ehr:Patient:gone');
    expect((await reconcile()).status).toBe(0);
  });

  it('--since leaves out what changed before it', async () => {
    await service.database.query('truncate warehouse.patients');
    await delay(10);
    await service.write('patients', [patient('4')]);
    const [newest = '{}'] = await served('ehr:Patient:4');
    const { updated_ts: since = '' } = JSON.parse(newest) as { updated_ts?: string };
    const { status, stdout } = await reconcile('--since', since);
    expect([status, stdout.split('\n').slice(0, 2)]).toEqual([
      2,
      ['patients: missing ehr:Patient:4', 'patients: 1 records compared, 1 differ'],
    ]);
  });

  it('0 for a row that is missing, while --older-than leaves it time to arrive', async () => {
    await remove('ehr:Patient:1');
    const { status, stdout } = await reconcile('--older-than', '30');
    expect([status, stdout.split('\n')[0]]).toEqual([0, 'patients: 0 records compared, 0 differ']);
  });
});

describe('reconcile that cannot go on', () => {
  it.each([
    ['hospital', '--dataset is to be project.dataset, such as hospital-prod.hospital'],
    ['a.b.c', '--dataset is to be project.dataset, such as hospital-prod.hospital'],
  ])('1 for --dataset %s', async (dataset, line) => {
    expect(await reconcile('--dataset', dataset)).toEqual({
      ...{ status: 1, stdout: '', stderr: `${line}\n` },
    });
  });

  it('1 for a --since that is no time, or is behind --older-than', async () => {
    const line = '--since is to be a time as RFC 3339 has it, such as 2026-01-01T00:00:00Z\n';
    expect((await reconcile('--since', '5')).stderr).toBe(line);
    expect(await reconcile('--since', 'yesterday')).toEqual({
      status: 1,
      stdout: '',
      stderr: line,
    });
    const late = await reconcile('--since', '2100-01-01T00:00:00Z', '--older-than', '1');
    expect([late.status, late.stderr]).toEqual([
      1,
      '--since is to be earlier than the time of --older-than\n',
    ]);
  });

  it('1 for --older-than that is no number, and without --dataset', async () => {
    const wrong = await reconcile('--older-than', 'a-while');
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('number of minutes')]);
    const none = await folder.command(['reconcile'], settings);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('--dataset')]);
  });

  it('78 for --repair without PUBSUB_PROJECT', async () => {
    await spoil();
    const unnamed = { ...settings, PUBSUB_PROJECT: '' };
    const { status, stderr } = await folder.command([...command, '--repair'], unnamed);
    expect([status, stderr]).toEqual([78, expect.stringContaining('PUBSUB_PROJECT')]);
  });

  it('1 when BigQuery refuses the query, with its reason', async () => {
    await service.database.query('alter table warehouse.patients rename to away');
    const { status, stderr } = await reconcile();
    await service.database.query('alter table warehouse.away rename to patients');
    expect([status, stderr]).toEqual([1, expect.stringContaining('"warehouse.patients" does not')]);
  });
});
