/** Reads by a streaming replica: it may be behind, and nothing is lost, out of order or refused for that. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { shownOf } from '../../src/audit/shown.js';
import { writeCursor } from '../../src/operations/cursor.js';
import { positionOfTime } from '../../src/operations/time.js';
import { type CutLine, createCutLine } from '../support/cut-line.js';
import { patient } from '../support/records.js';
import { type Replicated, openReplicated } from '../support/replicated.js';
import { scrape, valueOf } from '../support/scrape.js';
import { type TestService, startService, telemetry } from '../support/service.js';

let postgres: Replicated;
let line: CutLine | undefined;
let service: TestService;

/** Its replica may be this far behind. */
async function start(maxLagMs: number): Promise<void> {
  service = await startService({
    ...{ serverUrl: postgres.url, replicaOf: through(maxLagMs) },
    config: { telemetry: { ...telemetry, metrics: { host: '127.0.0.1', port: 0 } } },
  });
  await service.write('patients', [patient('1'), patient('2'), patient('3')]);
  await standing('in_use');
}

function through(maxLagMs: number) {
  return (databaseUrl: string) => {
    const url = new URL(postgres.replicaOf(databaseUrl));
    url.port = new URL(line?.url ?? '').port;
    return { url: url.href, maxLagMs };
  };
}

beforeAll(async () => {
  postgres = await openReplicated();
  line = await createCutLine(postgres.replicaOf(postgres.url));
});
afterAll(async () => {
  line?.close();
  await postgres.close();
});
afterEach(async () => {
  await postgres.letGo();
  await service.close();
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  service.fetch(path, { key: 'patients', headers });
const idsOf = (body: unknown) => (body as { source_id: string }[]).map((it) => it.source_id);
const ndjson = { accept: 'application/x-ndjson' };

/** Waits until readiness, which is 200 all the time, says so of the replica. */
async function standing(wanted: string): Promise<void> {
  const ask = async () => (await service.fetch('/health/ready')).body;
  await expect.poll(ask, { timeout: 10_000 }).toMatchObject({ status: 'ready', replica: wanted });
}

/** The end of the primary's feed, as readers that wait see it. */
async function primaryEnd(): Promise<string> {
  const { headers } = await get('/patients?limit=1000', { prefer: 'wait=0' });
  return headers.get('next-cursor') ?? '';
}

describe('a replica that is held back', () => {
  it('200 from it: pages, exports and single records as they were, with positions that go on to the rest', async () => {
    await start(60_000);
    const old = await get('/patients/ehr:Patient:1');
    await postgres.holdBack();
    await service.write('patients', [patient('1', { name: 'Ada Changed' }), patient('4')]);
    const page = await get('/patients');
    const whole = await get('/patients', ndjson);
    const single = await get('/patients/ehr:Patient:1');
    expect(idsOf(page.body)).toEqual(['1', '2', '3']);
    expect(whole.text.trimEnd().replaceAll('\n', ',')).toBe(page.text.slice(1, -1));
    expect(single.text).toBe(old.text);
    expect(whole.headers.get('next-cursor')).toBe(page.headers.get('next-cursor'));
    await postgres.letGo();
    const next = `/patients?cursor=${page.headers.get('next-cursor') ?? ''}`;
    await expect.poll(async () => idsOf((await get(next)).body).sort()).toEqual(['1', '4']);
  });

  it('200 from the primary for what it does not know yet: positions ahead of it, records, versions that a reader holds', async () => {
    await start(60_000);
    await postgres.holdBack();
    await service.write('patients', [patient('1', { name: 'Ada Changed' })]);
    const cursor = await primaryEnd();
    await service.write('patients', [patient('4')]);
    const ahead = await get(`/patients?cursor=${cursor}`);
    expect(idsOf(ahead.body)).toEqual(['4']);
    const [{ updated_ts: since = '' } = {}] = ahead.body as { updated_ts: string }[];
    expect(idsOf((await get(`/patients?updated_since=${since}`)).body)).toEqual(['4']);
    const lines = await get(`/patients?updated_since=${since}`, ndjson);
    expect(JSON.parse(lines.text)).toMatchObject({ source_id: '4' });
    expect((await get('/patients/ehr:Patient:4')).status).toBe(200);
    const { headers } = await get('/patients/ehr:Patient:4');
    const held = { 'if-none-match': headers.get('etag') ?? '' };
    expect((await get('/patients/ehr:Patient:4', held)).status).toBe(304);
    const epoch = headers.get('etag')?.slice(1, 17) ?? '';
    const newest = await get('/patients?limit=1000', { prefer: 'wait=0' });
    const changed = (newest.body as { source_id: string; updated_ts: string }[])[2];
    const position = positionOfTime(changed?.updated_ts ?? '');
    const tag = `"${epoch}-${position.toString(16)}"`;
    expect(changed?.source_id).toBe('1');
    expect((await get('/patients/ehr:Patient:1', { 'if-none-match': tag })).status).toBe(304);
    expect((await get('/patients/digest')).body).toMatchObject({ count: 4 });
  });

  it('410 for a cursor that is ahead of both', async () => {
    await start(60_000);
    const { headers } = await get('/patients');
    const epoch = Number.parseInt(headers.get('feed-epoch') ?? '', 16);
    const at = { collection: 'patients', epoch, filter: {} };
    const position = Date.now() * 1000 + 3_600_000_000;
    expect((await get(`/patients?cursor=${writeCursor({ ...at, position })}`)).status).toBe(410);
  });

  it('200 to a reader that waits, at once, and by the history of the primary once that is another', async () => {
    await start(60_000);
    const cursor = await primaryEnd();
    await postgres.holdBack();
    const startedMs = performance.now();
    const waiting = get(`/patients?cursor=${cursor}`, { prefer: 'wait=20' });
    await delay(200);
    await service.write('patients', [patient('5')]);
    expect(idsOf((await waiting).body)).toEqual(['5']);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    await service.database.query('update feed set epoch = epoch + 1');
    await standing('away');
    expect((await get(`/patients?cursor=${cursor}`)).status).toBe(410);
    await postgres.letGo();
    await standing('in_use');
  });

  it('200 from the primary while it is further behind than it may be, and from it again after', async () => {
    await start(1_000);
    await postgres.holdBack();
    await service.write('patients', [patient('6')]);
    await standing('behind');
    const samples = await scrape(service.metricsUrl ?? '');
    expect(valueOf(samples, 'hospital_replica_lag_seconds')).toBeGreaterThan(1);
    const pool = { db_client_connection_pool_name: 'replica read' };
    expect(valueOf(samples, 'db_client_connection_max', pool)).toBe(10);
    expect(idsOf((await get('/patients')).body)).toEqual(['1', '2', '3', '6']);
    await postgres.letGo();
    await standing('in_use');
    const told = service.logLines().map(({ message }) => message);
    expect(told).toContain('the replica is behind: the primary answers reads');
    expect(told.filter((text) => text === 'the replica answers reads')).toHaveLength(2);
  });

  it('the audit tells the version that was given, not the one that the primary had', async () => {
    await start(60_000);
    await postgres.holdBack();
    await service.write('patients', [patient('1', { name: 'Ada Changed' })]);
    for (const headers of [{}, ndjson]) await get('/patients', headers);
    await get('/patients/ehr:Patient:1');
    const { audit } = service.store;
    const versions = await audit.patientVersions('ehr:Patient:1');
    expect(versions.map(({ version }) => version)).toEqual([1, 2]);
    const shown = await shownOf(versions, audit.rows({ disclosing: true }));
    expect(shown.map(({ version, certainty }) => [version.version, certainty])).toEqual([
      [1, 'given'],
      [1, 'given'],
      [1, 'given'],
    ]);
  });
});

it('200 from the primary when the replica is gone, and from it again once it is back', async () => {
  await start(60_000);
  line?.cut();
  const answers = await Promise.all(
    ['', '?limit=1', '/ehr:Patient:1'].map((rest) => get(`/patients${rest}`)),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await standing('away');
  expect((await get('/patients', ndjson)).text.split('\n')).toHaveLength(4);
  line?.mend();
  await standing('in_use');
});

it('nothing is lost or out of order while the replica is held back at random, exports included', async () => {
  await start(700);
  const ending = new AbortController();
  const { signal } = ending;
  const writing = (async () => {
    for (let turn = 0; !signal.aborted; turn += 1) {
      const id = String(1 + (turn % 7));
      await service.write('patients', [patient(id, { name: `Ada ${turn}` })]);
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
  const modes = [{}, { prefer: 'wait=1' }, ndjson].map((headers) => follower(headers, signal));
  await delay(3_000);
  ending.abort();
  await Promise.all([writing, holding]);
  const copies = await Promise.all(modes);
  const latest = await get('/patients?limit=1000', { prefer: 'wait=0' });
  const wanted = (latest.body as Stored[]).map(({ patient_id: id, version }) => [id, version]);
  for (const copy of copies) {
    const held = [...copy.values()].map(({ patient_id: id, version }) => [id, version]);
    expect(held.sort()).toEqual(wanted.sort());
  }
});

interface Stored {
  readonly patient_id: string;
  readonly updated_ts: string;
  readonly version: number;
}

/** Reads on from its position, never backwards, until nothing comes after the end of writing. */
async function follower(headers: Readonly<Record<string, string>>, ended: AbortSignal) {
  const copy = new Map<string, Stored>();
  let cursor = '';
  let newest = '';
  for (;;) {
    const isLast = ended.aborted;
    const answer = await get(`/patients${cursor && `?cursor=${cursor}`}`, headers);
    expect(answer.status).toBe(200);
    cursor = answer.headers.get('next-cursor') ?? '';
    const body = answer.body as Stored[] | undefined;
    const records =
      body ??
      answer.text
        .split('\n')
        .filter(Boolean)
        .map((text) => JSON.parse(text) as Stored);
    for (const record of records) {
      expect(record.updated_ts > newest).toBe(true);
      newest = record.updated_ts;
      copy.set(record.patient_id, record);
    }
    if (isLast && records.length === 0 && cursor === (await primaryEnd())) return copy;
  }
}
