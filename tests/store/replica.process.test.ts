/** Reads by a streaming replica: it may be behind, and nothing is lost, out of order or refused for that. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findDisclosures } from '../../src/audit/disclosures.js';
import { positionOfTime } from '../../src/contract/time.js';
import { writeCursor } from '../../src/operations/cursor.js';
import type { StagedRecord } from '../../src/ingest/write/staged-record.js';
import { type CutLine, createCutLine } from '../support/cut-line.js';
import { patient } from '../support/records.js';
import { type Replicated, openReplicated } from '../support/replicated.js';
import { scrape, valueOf } from '../support/scrape.js';
import { type TestService, startService, telemetry } from '../support/service.js';

let postgres: Replicated;
let line: CutLine;
/** Its replica may be far behind. */
let service: TestService;

async function start(maxLagMs: number): Promise<TestService> {
  const replicaOf = (databaseUrl: string) => {
    const url = new URL(postgres.replicaOf(databaseUrl));
    url.port = new URL(line.url).port;
    return { url: url.href, maxLagMs };
  };
  const metrics = { host: '127.0.0.1', port: 0 };
  const config = { telemetry: { ...telemetry, metrics } };
  return startService({ serverUrl: postgres.url, replicaOf, config });
}

beforeAll(async () => {
  postgres = await openReplicated();
  line = await createCutLine(postgres.replicaOf(postgres.url));
  service = await start(600_000);
});
afterAll(async () => {
  await service.close();
  line.close();
  await postgres.close();
});
beforeEach(() => standing('in_use'));
afterEach(() => postgres.letGo());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  service.fetch(path, { key: 'patients', headers });
const idsOf = (body: unknown) => (body as { source_id: string }[]).map((it) => it.source_id);
const ndjson = { accept: 'application/x-ndjson' };

/** Waits until readiness, which is 200 all the time, says so of the replica. */
async function standing(wanted: string, of = service): Promise<void> {
  const ask = async () => (await of.fetch('/health/ready')).body;
  await expect.poll(ask, { timeout: 10_000 }).toMatchObject({ status: 'ready', replica: wanted });
}

/** The end of the primary's feed, as readers that wait see it. */
async function primaryEnd(of = service): Promise<string> {
  const { headers } = await of.fetch('/patients?limit=1000', {
    key: 'patients',
    headers: { prefer: 'wait=0' },
  });
  return headers.get('next-cursor') ?? '';
}

/** Writes records that the replica has, and then shows nothing more. @returns the position before them */
async function writtenAndHeld(...records: readonly StagedRecord[]): Promise<string> {
  const before = await primaryEnd();
  await service.write('patients', records);
  const end = await primaryEnd();
  const shown = async () => (await get('/patients?limit=1000')).headers.get('next-cursor');
  await expect.poll(shown).toBe(end);
  await postgres.holdBack();
  return before;
}

describe('a replica that is held back', () => {
  it('200 from it: pages, exports and single records as they were, with positions that go on to the rest', async () => {
    const before = await writtenAndHeld(patient('a1'), patient('a2'));
    const old = await get('/patients/ehr:Patient:a1');
    await service.write('patients', [patient('a1', { name: 'Ada Changed' }), patient('a3')]);
    const page = await get(`/patients?cursor=${before}`);
    const whole = await get(`/patients?cursor=${before}`, ndjson);
    expect(idsOf(page.body)).toEqual(['a1', 'a2']);
    expect(whole.text.trimEnd().replaceAll('\n', ',')).toBe(page.text.slice(1, -1));
    expect(whole.headers.get('next-cursor')).toBe(page.headers.get('next-cursor'));
    expect((await get('/patients/ehr:Patient:a1')).text).toBe(old.text);
    await postgres.letGo();
    const next = `/patients?cursor=${page.headers.get('next-cursor') ?? ''}`;
    await expect.poll(async () => idsOf((await get(next)).body).sort()).toEqual(['a1', 'a3']);
  });

  it('200 from the primary for what it does not know yet: positions ahead of it, and records', async () => {
    await writtenAndHeld(patient('b1'));
    await service.write('patients', [patient('b1', { name: 'Ada Changed' })]);
    const cursor = await primaryEnd();
    await service.write('patients', [patient('b2')]);
    const ahead = await get(`/patients?cursor=${cursor}`);
    expect(idsOf(ahead.body)).toEqual(['b2']);
    const since = (ahead.body as Stored[])[0]?.updated_ts ?? '';
    expect(idsOf((await get(`/patients?updated_since=${since}`)).body)).toEqual(['b2']);
    const lines = await get(`/patients?updated_since=${since}`, ndjson);
    expect(JSON.parse(lines.text)).toMatchObject({ source_id: 'b2' });
    expect((await get('/patients/ehr:Patient:b2')).status).toBe(200);
  });

  it('304 for the version that a reader has, also where that is newer than its own', async () => {
    await writtenAndHeld(patient('c1'));
    const { headers } = await get('/patients/ehr:Patient:c1');
    const old = headers.get('etag') ?? '';
    await service.write('patients', [patient('c1', { name: 'Ada Changed' })]);
    const newest = await get('/patients?limit=1000', { prefer: 'wait=0' });
    const { updated_ts: time = '' } = (newest.body as Stored[]).at(-1) ?? {};
    const tag = `"${old.slice(1, 17)}-${positionOfTime(time).toString(16)}"`;
    const statusOf = async (held: string) =>
      (await get('/patients/ehr:Patient:c1', { 'if-none-match': held })).status;
    expect([await statusOf(old), await statusOf(tag), await statusOf(`${old}, ${tag}`)]).toEqual([
      304, 304, 304,
    ]);
    expect(await statusOf('"0-0"')).toBe(200);
  });

  it('410 for a cursor that is ahead of both', async () => {
    const { headers } = await get('/patients');
    const epoch = Number.parseInt(headers.get('feed-epoch') ?? '', 16);
    const at = { collection: 'patients', epoch, filter: {} };
    const position = Date.now() * 1000 + 3_600_000_000;
    expect((await get(`/patients?cursor=${writeCursor({ ...at, position })}`)).status).toBe(410);
  });

  it('200 to a reader that waits, at once, and by the history of the primary once that is another', async () => {
    await writtenAndHeld();
    const cursor = await primaryEnd();
    const startedMs = performance.now();
    const waiting = get(`/patients?cursor=${cursor}`, { prefer: 'wait=20' });
    await delay(200);
    await service.write('patients', [patient('d1')]);
    expect(idsOf((await waiting).body)).toEqual(['d1']);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    await service.database.query('update feed set epoch = epoch + 1');
    await standing('away');
    expect((await get(`/patients?cursor=${cursor}`)).status).toBe(410);
    await postgres.letGo();
    await standing('in_use');
  });

  it('the audit tells the version that was given, not the one that the primary had', async () => {
    const before = await writtenAndHeld(patient('e1'));
    await service.write('patients', [patient('e1', { name: 'Ada Changed' })]);
    for (const headers of [{}, ndjson]) await get(`/patients?cursor=${before}`, headers);
    await get('/patients/ehr:Patient:e1');
    const { audit } = service.store;
    const versions = await audit.patientVersions('ehr:Patient:e1');
    expect(versions.map(({ version }) => version)).toEqual([1, 2]);
    const shown = await findDisclosures(versions, audit.rows({ disclosing: true }));
    const told = shown.map(({ version, certainty }) => `${version.version} ${certainty}`);
    expect(new Set(told)).toEqual(new Set(['1 given']));
    const operations = shown.map(({ event }) => event.operation);
    expect(operations.slice(-3)).toEqual(['listPatients', 'listPatients', 'getPatient']);
  });
});

it('200 from the primary when the replica is gone, and from it again once it is back', async () => {
  line.cut();
  const paths = ['/patients', '/patients?limit=1', '/patients?is_active=true'];
  const answers = await Promise.all(paths.map((path) => get(path)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await standing('away');
  const lines = await get('/patients', ndjson);
  expect(lines.text.split('\n')).toHaveLength(idsOf(answers[0]?.body).length + 1);
  line.mend();
  await standing('in_use');
});

describe('a replica that may not be far behind', () => {
  let close: TestService;
  beforeAll(async () => {
    close = await start(700);
    await close.write('patients', [patient('1')]);
  });
  beforeEach(() => standing('in_use', close));
  afterAll(() => close.close());

  it('200 from the primary while it is further behind, and from it again after', async () => {
    await postgres.holdBack();
    await close.write('patients', [patient('2')]);
    await standing('behind', close);
    const samples = await scrape(close.metricsUrl ?? '');
    expect(valueOf(samples, 'hospital_replica_lag_seconds')).toBeGreaterThan(0.7);
    const pool = { db_client_connection_pool_name: 'replica read' };
    expect(valueOf(samples, 'db_client_connection_max', pool)).toBe(10);
    const { body } = await close.fetch('/patients', { key: 'patients' });
    expect(idsOf(body)).toEqual(['1', '2']);
    const told = () => close.logLines().map(({ message }) => message);
    const behind = 'the replica is behind: the primary answers reads';
    await expect.poll(told).toContain(behind);
    await postgres.letGo();
    await standing('in_use', close);
    expect(told().slice(told().indexOf(behind))).toContain('the replica answers reads');
  });

  it('nothing is lost or out of order while it is held back at random, exports included', async () => {
    const ending = new AbortController();
    const { signal } = ending;
    const written = new AbortController();
    const writing = (async () => {
      for (let turn = 0; !signal.aborted; turn += 1) {
        const id = String(1 + (turn % 7));
        await close.write('patients', [patient(id, { name: `Ada ${turn}` })]);
      }
    })();
    const holding = (async () => {
      while (!signal.aborted) {
        await postgres.holdBack();
        await delay(Math.random() * 400);
        await postgres.letGo();
        await delay(Math.random() * 100);
      }
    })();
    const ways = [{}, { prefer: 'wait=1' }, ndjson];
    const following = ways.map((headers) => follow(close, headers, written.signal));
    await delay(2_500);
    ending.abort();
    await Promise.all([writing, holding]);
    written.abort();
    const copies = await Promise.all(following);
    const latest = await close.fetch('/patients?limit=1000', {
      key: 'patients',
      headers: { prefer: 'wait=0' },
    });
    const wanted = versionsOf(latest.body as Stored[]);
    for (const copy of copies) expect(versionsOf([...copy.values()])).toEqual(wanted);
  });
});

interface Stored {
  readonly patient_id: string;
  readonly updated_ts: string;
  readonly version: number;
}

function versionsOf(records: readonly Stored[]): readonly string[] {
  return records.map(({ patient_id: id, version }) => `${id} ${version}`).sort();
}

/** Reads on from its position, never backwards, until nothing comes after the end of writing. */
async function follow(
  from: TestService,
  headers: Readonly<Record<string, string>>,
  ended: AbortSignal,
) {
  const copy = new Map<string, Stored>();
  let cursor = '';
  let newest = '';
  for (;;) {
    const isLast = ended.aborted;
    const path = `/patients${cursor && `?cursor=${cursor}`}`;
    const answer = await from.fetch(path, { key: 'patients', headers });
    expect(answer.status).toBe(200);
    cursor = answer.headers.get('next-cursor') ?? '';
    const lines = () => answer.text.split('\n').filter(Boolean);
    const records =
      (answer.body as Stored[] | undefined) ?? lines().map((text) => JSON.parse(text) as Stored);
    for (const record of records) {
      expect(record.updated_ts > newest).toBe(true);
      newest = record.updated_ts;
      copy.set(record.patient_id, record);
    }
    if (isLast && records.length === 0 && cursor === (await primaryEnd(from))) return copy;
  }
}
