/** Of each patient it is shown exactly what readers were sent, whatever has changed since. READS=1000 takes as many reads and changes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DisclosedVersion, findDisclosures } from '../../src/audit/disclosures.js';
import type { CollectionName } from '../../src/contract/collections.js';
import type { StagedRecord } from '../../src/ingest/write/staged-record.js';
import { makeFolder } from '../commands/processes.js';
import { appointment, labResult, patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';

const reads = Number(process.env.READS ?? 200);
const patients = 50;

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

interface Received {
  readonly patientId: string;
  /** Request, collection, id and version. */
  readonly what: string;
}

const received: Received[] = [];
let state = 1;
/** The same numbers in each run. */
function random(below: number): number {
  state = (state * 48_271) % 2_147_483_647;
  return state % below;
}

const patientId = (n: number) => `ehr:Patient:${n}`;

const changes: readonly ((n: number, value: string) => [CollectionName, StagedRecord])[] = [
  (n, value) => ['patients', patient(String(n), { name: value })],
  (n, value) => [
    'appointments',
    appointment(String(n), { patient_id: patientId(n), reason: value }),
  ],
  (n, value) => ['lab_results', labResult(String(n), { patient_id: patientId(n), note: value })],
  // A result that was another patient's before.
  (n, value) => [
    'lab_results',
    labResult(String(random(patients)), { patient_id: patientId(n), note: value }),
  ],
  (n, value) => [
    'appointments',
    {
      ...appointment(String(n), { patient_id: patientId(n), reason: value }),
      recordState: 'inactive',
    },
  ],
];

async function change(count: number): Promise<void> {
  const make = changes[random(changes.length)];
  const [collection, record] = make?.(random(patients), `change ${count}`) ?? [];
  if (collection !== undefined && record !== undefined) await service.write(collection, [record]);
}

const names = ['patients', 'appointments', 'lab_results'] as const;
const idTypes = { patients: 'Patient', appointments: 'Encounter', lab_results: 'Observation' };
const cursors = new Map<string, string>();

/** Each way of reading, and what it sends beside the key. */
const ways: readonly ((name: (typeof names)[number]) => [string, Record<string, string>])[] = [
  (name) => [`/${name}?limit=${random(30) + 1}`, {}],
  (name) => [`/${name}?cursor=${cursors.get(name) ?? ''}&limit=20`, {}],
  (name) => [`/${name}?cursor=${cursors.get(name) ?? ''}`, { prefer: 'wait=1' }],
  (name) => [`/${name}`, { accept: 'application/x-ndjson' }],
  (name) => [`/${name}?limit=10`, { accept: 'application/x-ndjson' }],
  (name) => [`/${name}/ehr:${idTypes[name]}:${random(patients)}`, {}],
  (name) => [`/${name}?is_active=${String(random(2) === 0)}&limit=15`, {}],
  (name) => [
    name === 'patients' ? '/patients/digest' : `/${name}?patient_id=${patientId(random(patients))}`,
    {},
  ],
];

async function read(count: number): Promise<void> {
  const name = names[random(names.length)] ?? 'patients';
  const [path, headers] = ways[random(ways.length)]?.(name) ?? ['/', {}];
  const requestId = `read-${count}`;
  const response = await fetch(`${service.url}${path.replace(/cursor=&?/, '')}`, {
    headers: { 'x-api-key': keys[name] ?? '', 'x-request-id': requestId, ...headers },
  });
  const text = await response.text();
  if (response.status !== 200) return;
  cursors.set(name, response.headers.get('next-cursor') ?? cursors.get(name) ?? '');
  const isLines = response.headers.get('content-type') === 'application/x-ndjson';
  const parsed: unknown = isLines ? text.split('\n').filter(Boolean).map(json) : json(text);
  for (const record of [parsed].flat() as Record<string, string>[]) {
    if (record.patient_id === undefined) continue;
    const id = record.lab_result_id ?? record.appointment_id ?? record.patient_id;
    const what = `${requestId} ${name} ${id} ${record.version ?? ''}`;
    received.push({ patientId: record.patient_id, what });
  }
}

const json = (text: string): unknown => JSON.parse(text);

function whatOf({ event, version }: DisclosedVersion): string {
  return `${event.requestId ?? ''} ${version.collection} ${version.id} ${version.version}`;
}

describe('audit show', { timeout: 300_000 }, () => {
  it('lists exactly what was sent, while records changed and changed hands', async () => {
    for (let n = 0; n < patients; n += 1) {
      for (const make of changes.slice(0, 3)) {
        const [collection, record] = make(n, 'first');
        await service.write(collection, [record]);
      }
    }
    const changing = async () => {
      for (let count = 0; count < reads; count += 1) await change(count);
    };
    let next = 0;
    const reading = async () => {
      while (next < reads) await read((next += 1));
    };
    await Promise.all([changing(), reading(), reading(), reading()]);
    expect(received.length).toBeGreaterThan(reads);
    const { audit } = service.store;
    for (let n = 0; n < patients; n += 1) {
      const versions = await audit.patientVersions(patientId(n));
      const shown = await findDisclosures(versions, audit.rows({ disclosing: true }));
      const sent = received.filter((each) => each.patientId === patientId(n));
      expect(shown.map(whatOf).sort(), patientId(n)).toEqual(sent.map(({ what }) => what).sort());
      expect(new Set(shown.map(({ certainty }) => certainty))).toEqual(new Set(['given']));
    }
  });

  it('0 from the command, with a line for each version that was given', async () => {
    const folder = await makeFolder();
    const env = { DATABASE_URL: service.database.url };
    const { status, stdout } = await folder.command(
      ['audit', 'show', '--patient', patientId(7), '--json'],
      env,
    );
    const text = await folder.command(['audit', 'show', '--patient', patientId(7)], env);
    await folder.remove();
    const sent = received.filter((each) => each.patientId === patientId(7));
    const lines = stdout.split('\n').slice(0, -1).map(json);
    expect([status, lines.length]).toEqual([0, sent.length]);
    expect(lines[0]).toMatchObject({
      certainty: 'given',
      consumer: 'default',
      client: '127.0.0.1',
    });
    expect(text.stdout).toMatch(/ given to default of \w+ \(key [^,]+, from 127\.0\.0\.1\) by /);
  });

  it('perhaps for a stream that broke off, and for one whose end is not recorded', async () => {
    const own = await startService();
    await own.write('patients', [patient('1')]);
    await own.fetch('/patients', { key: 'patients', headers: { accept: 'application/x-ndjson' } });
    const { audit } = own.store;
    const versions = await audit.patientVersions('ehr:Patient:1');
    const rows = [];
    for await (const row of audit.rows({ disclosing: true })) rows.push(row);
    const [begun, ended] = rows;
    const broken = ended && { ...ended, event: ended.event.replace('"ended"', '"broken"') };
    const certainties = async (events: readonly (typeof begun)[]) => {
      const stream = async function* () {
        for (const event of events) if (event !== undefined) yield await Promise.resolve(event);
      };
      return (await findDisclosures(versions, stream())).map(({ certainty }) => certainty);
    };
    const found = [
      await certainties([begun, ended]),
      await certainties([begun]),
      await certainties([begun, broken]),
    ];
    await own.close();
    expect(found).toEqual([['given'], ['perhaps'], ['perhaps']]);
  });
});
