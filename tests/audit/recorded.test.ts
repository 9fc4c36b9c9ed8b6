/** What the access audit records of each request, before its answer leaves. */
import { get as httpGet } from 'node:http';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessEvent } from '../../src/audit/chain.js';
import { readContract } from '../../src/contract/contract.js';
import { appointment, exampleRecord, patient } from '../support/records.js';
import { type TestService, audit, keys, startService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  await service.write('patients', [patient('1'), patient('2'), patient('3')]);
  await service.write('appointments', [appointment('1'), exampleRecord('appointments')]);
  await service.write('lab_results', [exampleRecord('lab_results')]);
});
afterAll(() => service.close());

/** More than the buffers on the way to a client hold, and what is read ahead. */
const many = Array.from({ length: 30_000 }, (_, n) =>
  patient(String(n), { name: 'n'.repeat(500), family_name: 'n'.repeat(250) }),
);

type Told = AccessEvent & { readonly place: readonly [string, number]; readonly at: string };

async function events(of = service): Promise<readonly Told[]> {
  const rows = await of.database.query('select event from audit order by at, seq');
  return rows.map(({ event }) => JSON.parse(String(event)) as Told);
}

/** Asks, and gives the events of that request as they stand when its answer has come. */
async function asked(path: string, ask: Parameters<TestService['fetch']>[1] = {}) {
  const requestId = `audit-${Math.random().toString(36).slice(2)}`;
  const headers = { ...ask.headers, 'x-request-id': requestId };
  const answer = await service.fetch(path, { key: 'patients', ...ask, headers });
  const told = (await events()).filter((event) => event.requestId === requestId);
  return { answer, told };
}

async function positions(collection: string): Promise<readonly number[]> {
  const rows = await service.database.query(
    'select position from change where collection = $1 order by position',
    [collection],
  );
  return rows.map(({ position }) => Number(position));
}

describe('an event', () => {
  it('tells who was given which part of a feed, by which answer', async () => {
    const [first = 0, second = 0, third = 0] = await positions('patients');
    const { answer, told } = await asked('/patients?limit=2');
    expect(told).toEqual([
      {
        place: [expect.stringMatching(/^[0-9a-f-]{36}$/) as string, expect.any(Number) as number],
        at: expect.stringMatching(/^20\S+Z$/) as string,
        requestId: answer.headers.get('x-request-id'),
        ...{ method: 'GET', operation: 'listPatients', scheme: 'patients', consumer: 'default' },
        ...{ keyVersion: expect.any(String) as string, client: '127.0.0.1', asked: {} },
        ...{ status: 200, collection: 'patients', outcome: 'answered', records: 2 },
        epoch: Number.parseInt(answer.headers.get('feed-epoch') ?? '', 16),
        stretches: [[0, second, third]],
      },
    ]);
    expect(first).toBeLessThan(second);
  });

  it('tells the position of a single record and of each that a look-up found', async () => {
    const [, second] = await positions('patients');
    const [visit, ...others] = await positions('appointments');
    const one = await asked('/patients/ehr:Patient:2');
    const found = await asked('/appointments?patient_id=ehr:Patient:1', { key: 'appointments' });
    const none = await asked('/appointments?patient_id=ehr:Patient:9', { key: 'appointments' });
    expect(one.told).toMatchObject([
      { asked: { patient_id: 'ehr:Patient:2' }, records: 1, positions: [second] },
    ]);
    expect(found.told).toMatchObject([
      { filter: { patient_id: 'ehr:Patient:1' }, records: 1, positions: [visit] },
    ]);
    expect(none.told).toMatchObject([{ records: 0, positions: [] }]);
    expect(others).toHaveLength(1);
  });

  it('tells what a stream may give before its first byte, and what it gave before its last', async () => {
    const last = (await positions('patients')).at(-1) ?? 0;
    const { told } = await asked('/patients', { headers: { accept: 'application/x-ndjson' } });
    const stretches = [[0, last, last]];
    expect(told).toMatchObject([
      { outcome: 'begun', collection: 'patients', stretches },
      { outcome: 'ended', collection: 'patients', stretches, records: 3, begun: told[0]?.place },
    ]);
    expect(told[0]).not.toHaveProperty('records');
  });

  it('tells that HEAD, a digest and an empty page that was waited for give no record', async () => {
    const head = await asked('/patients', { method: 'HEAD' });
    const digest = await asked('/patients/digest');
    const cursor = head.answer.headers.get('next-cursor') ?? '';
    const waited = await asked(`/patients?cursor=${cursor}`, { headers: { prefer: 'wait=1' } });
    const last = (await positions('patients')).at(-1) ?? 0;
    expect([...head.told, ...digest.told, ...waited.told]).toMatchObject([
      { method: 'HEAD', status: 200, records: 0 },
      { operation: 'getPatientsDigest', records: 0, digested: 3, stretches: [[-1, last, last]] },
      { status: 200, records: 0, stretches: [[last, last, last]] },
    ]);
    expect(head.told[0]).not.toHaveProperty('stretches');
  });

  it.each([
    ['401 without a key', '/patients', { key: '' }, { refusal: 'unauthorized', status: 401 }],
    ['400', '/patients?nonsense=1', {}, { refusal: 'invalid-parameter', consumer: 'default' }],
    [
      '404',
      '/patients/ehr:Patient:no',
      {},
      { refusal: 'record-not-found', asked: { patient_id: 'ehr:Patient:no' } },
    ],
  ])('tells of the refusal %s', async (_, path, ask, told) => {
    expect((await asked(path, ask)).told).toMatchObject([{ outcome: 'refused', ...told }]);
  });

  it('is not there for what needs no key and for paths that are none', async () => {
    for (const path of ['/health/live', '/openapi.json', '/nowhere']) {
      expect((await asked(path)).told).toEqual([]);
    }
  });

  it('holds no key', async () => {
    const text = JSON.stringify(await events());
    for (const key of Object.values(keys)) expect(text).not.toContain(key);
  });
});

describe.each(
  Object.values(readContract().document.paths).flatMap(({ get }) =>
    get && Object.keys(get.security?.[0] ?? {}).length > 0 ? [get.operationId] : [],
  ),
)('%s', (operationId) => {
  it('is recorded with its collection', async () => {
    const [path = '', item] =
      Object.entries(readContract().document.paths).find(
        ([, { get }]) => get?.operationId === operationId,
      ) ?? [];
    const [scheme = ''] = Object.keys(item?.get?.security?.[0] ?? {});
    const id =
      scheme === 'patients'
        ? 'ehr:Patient:1'
        : exampleRecord(scheme as 'appointments' | 'lab_results').id;
    const { told } = await asked(path.replace(/\{.*\}/, encodeURIComponent(id)), { key: scheme });
    expect(told).toMatchObject([{ operation: operationId, scheme, collection: scheme }]);
  });
});

describe('a client that leaves', () => {
  it('before a page that it waited for was given nothing', async () => {
    const { answer } = await asked('/patients');
    const path = `/patients?cursor=${answer.headers.get('next-cursor') ?? ''}`;
    const headers = { 'x-api-key': keys.patients, prefer: 'wait=30', 'x-request-id': 'leaves' };
    const request = httpGet(`${service.url}${path}`, { headers }).on('error', () => undefined);
    await pause(300);
    request.destroy();
    const told = async () => (await events()).filter(({ requestId }) => requestId === 'leaves');
    await expect.poll(told).toMatchObject([{ outcome: 'left', records: 0 }]);
  });

  it('within a stream was given no more than the event of its end says', async () => {
    const own = await startService();
    await own.write('patients', many);
    const headers = {
      ...{ 'x-api-key': keys.patients, 'x-request-id': 'breaks' },
      accept: 'application/x-ndjson',
    };
    const bytes = await new Promise<number>((resolve) => {
      httpGet(`${own.url}/patients`, { headers }, (response) => {
        response.once('data', (chunk: Buffer) => {
          response.destroy();
          resolve(chunk.length);
        });
      }).on('error', () => undefined);
    });
    const told = async () => (await events(own)).filter(({ requestId }) => requestId === 'breaks');
    await expect.poll(told).toMatchObject([{ outcome: 'begun' }, { outcome: 'broken' }]);
    const [, broken] = await told();
    await own.close();
    expect(bytes).toBeGreaterThan(0);
    expect(broken?.records).toBeGreaterThan(0);
    expect(broken?.records).toBeLessThan(many.length);
  });
});

describe('a flood of refusals', () => {
  it('has some events of its own, and one that counts the rest', async () => {
    const own = await startService();
    for (let attempt = 0; attempt < 80; attempt += 1) {
      await own.fetch('/patients', { key: 'wrong-0123456789' });
    }
    const url = own.database;
    let told: readonly Record<string, unknown>[] = [];
    await own.restart(async () => {
      told = await url.query(
        `select event::json ->> 'refusal' as refusal, count(*)::int as events,
           max(event::json ->> 'requests') as requests from audit group by 1 order by 1`,
      );
    });
    await own.close();
    expect(told).toEqual([
      { refusal: 'too-many-requests', events: 11, requests: '10' },
      { refusal: 'unauthorized', events: 60, requests: null },
    ]);
  });
});

describe('without its table', () => {
  const broken = 'alter table audit rename to audit_away';
  const ask = (of: TestService, path = '/patients', accept = 'application/json') =>
    of.fetch(path, { key: 'patients', headers: { accept } });

  it('503 for whatever would disclose a record, and 200 again once it is back', async () => {
    const own = await startService();
    await own.write('patients', [patient('1')]);
    await own.database.query(broken);
    const answers = [
      await ask(own),
      await ask(own, '/patients/ehr:Patient:1'),
      await ask(own, '/patients', 'application/x-ndjson'),
    ];
    const wrong = await own.fetch('/patients', { key: 'wrong-0123456789' });
    await own.database.query('alter table audit_away rename to audit');
    const after = await ask(own);
    await own.close();
    for (const { status, body, headers } of answers) {
      expect([status, headers.get('retry-after')]).toEqual([503, '5']);
      expect(body).toMatchObject({ type: '/docs#section/Errors/audit-unavailable' });
    }
    expect([wrong.status, after.status]).toEqual([401, 200]);
  });

  it('no end to a stream whose end cannot be recorded', async () => {
    const own = await startService();
    await own.write('patients', many);
    const response = await fetch(`${own.url}/patients`, {
      headers: { 'x-api-key': keys.patients ?? '', accept: 'application/x-ndjson' },
    });
    await own.database.query(broken);
    await expect(response.text()).rejects.toThrow();
    await own.close();
  });

  it('200 where AUDIT_REQUIRED is false, with an error in the log', async () => {
    const own = await startService({ config: { audit: { ...audit, required: false } } });
    await own.write('patients', [patient('1')]);
    await own.database.query(broken);
    const { status } = await ask(own);
    const errors = own.logLines().filter(({ severity }) => severity === 'ERROR');
    await own.close();
    expect(status).toBe(200);
    expect(errors).toMatchObject([{ message: 'the access audit cannot be written', events: 1 }]);
  });
});

describe('on standard output', () => {
  it('is a line of its own label before the answer; 503 where it cannot be written', async () => {
    let [text, fails] = ['', false];
    const auditOutput = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        done(fails ? new Error('no room') : null);
      },
    }).on('error', () => undefined);
    const own = await startService({
      ...{ auditOutput, config: { audit: { ...audit, postgres: false, stdout: true } } },
    });
    await own.write('patients', [patient('1')]);
    await own.fetch('/patients/ehr:Patient:1', { key: 'patients' });
    const lines = text.split('\n').slice(0, -1);
    fails = true;
    const { status } = await own.fetch('/patients', { key: 'patients' });
    const rows = await events(own);
    await own.close();
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      {
        ...{ severity: 'INFO', message: 'access', timestamp: expect.any(String) as string },
        hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        audit: expect.objectContaining({ asked: { patient_id: 'ehr:Patient:1' } }) as object,
        'logging.googleapis.com/labels': { log: 'audit' },
      },
    ]);
    expect([status, rows]).toEqual([503, []]);
  });
});
