/** Whole feeds as NDJSON: how many at a time, for how long, and how a reader sees that one was broken off. */
import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { patient } from '../support/records.js';
import { type TestService, keys, startService, transport } from '../support/service.js';

let service: TestService;
afterEach(() => service.close());

const start = async (changes: Partial<typeof transport> = {}) => {
  service = await startService({
    config: { transport: { ...transport, ...changes }, responseCheck: 'off' },
  });
  await service.write('patients', [patient('1')]);
};

const lines = { key: 'patients', headers: { accept: 'application/x-ndjson' } };

/** Holds slices back, and pages not: they are read from the collection's own partition. */
async function holdSlices() {
  const blocker = new pg.Client({ connectionString: service.database.url });
  await blocker.connect();
  await blocker.query('begin; lock table only record in access exclusive mode');
  const held = async () => {
    const rows = await service.database.query(
      `select pid from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.map(({ pid }) => pid);
  };
  return { held, letGo: () => blocker.end() };
}

async function endHeld(held: () => Promise<readonly unknown[]>): Promise<void> {
  await expect.poll(held).toHaveLength(1);
  const [pid] = await held();
  await service.database.query('select pg_terminate_backend($1)', [pid]);
}

/** More than the buffers between the service and a reader that reads nothing. */
async function fillWith(records: number): Promise<void> {
  await service.database.query(
    `with grown as (
       insert into record (collection, id, position, version, patient_id, record_state, digest, created_position,
         created_by, updated_by, load_id, contract, body)
       select collection, 'ehr:Patient:' || n, position + n, 1, patient_id, record_state, digest, position + n,
         created_by, updated_by, load_id, contract,
         replace(replace(replace(body, '"Example"', '"' || repeat('x', 900) || '"'),
           '"ehr:Patient:1"', '"ehr:Patient:' || n || '"'), feed_time(position), feed_time(position + n))
       from record, generate_series(2, $1::int) as n where id = 'ehr:Patient:1'
       returning position
     ) update feed set last = (select max(position) from grown) where collection = 'patients'`,
    [records],
  );
}

async function openExport(query = ''): Promise<IncomingMessage> {
  const headers = { 'x-api-key': keys.patients, accept: 'application/x-ndjson' };
  const request = get(`${service.url}/patients${query}`, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

interface Read {
  readonly records: readonly { readonly patient_id: string; readonly updated_ts: string }[];
  readonly isWhole: boolean;
}

/** The whole lines that came, as a reader keeps them. */
async function readAll(response: IncomingMessage): Promise<Read> {
  let text = '';
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) text += String(chunk);
  } catch {
    // Broken off: `complete` says so.
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const records = whole.split('\n').filter(Boolean);
  return {
    records: records.map((line) => JSON.parse(line) as Read['records'][number]),
    isWhole: response.complete,
  };
}

it('503 for one export too many, with Retry-After; pages are given, and exports again once one has ended', async () => {
  await start({ maxExports: 2 });
  const { held, letGo } = await holdSlices();
  const running = [1, 2].map(() => service.fetch('/patients', lines));
  await expect.poll(held).toHaveLength(2);
  const { status, headers, body } = await service.fetch('/patients', lines);
  expect([status, headers.get('retry-after'), body]).toMatchObject([
    503,
    '30',
    { type: '/docs#section/Errors/too-many-exports' },
  ]);
  expect((await service.fetch('/patients?limit=10', lines)).status).toBe(200);
  await letGo();
  expect((await Promise.all(running)).map((answer) => answer.status)).toEqual([200, 200]);
  await expect.poll(async () => (await service.fetch('/patients', lines)).status).toBe(200);
});

it('503 where the store fails before the first slice', async () => {
  await start();
  const { held, letGo } = await holdSlices();
  const asked = service.fetch('/patients', lines);
  await endHeld(held);
  const { status, headers, body } = await asked;
  await letGo();
  expect([status, headers.get('retry-after'), headers.get('next-cursor'), body]).toMatchObject([
    503,
    '5',
    null,
    { type: '/docs#section/Errors/store-unavailable' },
  ]);
});

it.each(['its time is over', 'the store fails'])(
  '200 that does not end where %s: the reader goes on from its last whole line, and misses nothing',
  async (cause) => {
    const isLate = cause === 'its time is over';
    await start(isLate ? { maxExportMs: 1_000 } : {});
    await fillWith(40_000);
    const response = await openExport();
    // A reader that reads nothing: what is under way waits for it, and holds nothing in the database meanwhile.
    await delay(300);
    const busy = () =>
      service.database.query(
        `select pid from pg_stat_activity where datname = current_database()
         and xact_start is not null and pid <> pg_backend_pid()`,
      );
    await expect.poll(busy, waitLong).toEqual([]);
    if (isLate) await expect.poll(toldLate, waitLong).toBe(true);
    const hold = isLate ? undefined : await holdSlices();
    const reading = readAll(response);
    if (hold !== undefined) await endHeld(hold.held);
    const first = await reading;
    await hold?.letGo();
    expect(first.isWhole).toBe(false);
    expect(first.records.length).toBeGreaterThan(0);
    const reads = [first];
    // On a slow machine a time may be over once more.
    while (reads.at(-1)?.isWhole === false) {
      const since = reads.at(-1)?.records.at(-1)?.updated_ts ?? '';
      reads.push(await readAll(await openExport(`?updated_since=${since}`)));
    }
    const ids = reads.flatMap(({ records }) => records.map((record) => record.patient_id));
    // Of each the last one comes again.
    expect([ids.length, new Set(ids).size]).toEqual([40_000 + reads.length - 1, 40_000]);
  },
);

const waitLong = { timeout: 10_000 };
const toldLate = () =>
  service.logLines().some(({ message }) => String(message).includes('lasted too long'));
