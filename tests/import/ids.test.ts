/** Ids of any legal characters: what refers to a record has the id of that record, from every source and in every field. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { createImporter } from '../../src/ingest/importer.js';
import { readInput } from '../../src/ingest/read/read-input.js';
import { createMemoryStore, inputOf } from './memory-store.js';

const contract = readContract();
const { collections } = contract;

const memory = createMemoryStore();
const importer = createImporter({ contract, store: memory.store, timeZone: 'UTC' });

type Input = Parameters<typeof importer.run>[0]['inputs'][number];

let sources = 0;

/** What one load stored, with the ids as a load of source `his` would make them. */
async function load(inputs: readonly Input[]) {
  const source = `his${(sources += 1)}`;
  const { rejected, defects } = await importer.run({ inputs, source });
  expect([rejected, defects]).toEqual([0, []]);
  const records = [...memory.records.entries()].map(([key, { content }]) => {
    const fields = JSON.parse(content) as Readonly<Record<string, string | null>>;
    return { key, fields };
  });
  memory.records.clear();
  const ids = new Set(records.map(({ key }) => key));
  const links = records.flatMap(({ fields }) =>
    ['patient_id', 'appointment_id', 'booking_id', 'panel_id', 'replaced_by_patient_id']
      .map((field) => fields[field])
      .filter((id) => typeof id === 'string'),
  );
  const his = (id: string) => id.replace(source, 'his');
  return { ids: new Set([...ids].map(his)), dangling: links.filter((id) => !ids.has(id)) };
}

function csv(name: string, rows: readonly (readonly string[])[]): Input {
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const text = rows.map((row) => `${row.map(quoted).join(',')}\n`).join('');
  async function* bytes() {
    yield await Promise.resolve(Buffer.from(text));
  }
  return { name, lines: () => readInput({ name, form: 'csv', collections, bytes: bytes() }) };
}

const words = ['MRN', 'Patient', 'Encounter', 'Appointment', 'Observation', 'x', '7'];
const parts = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 });
const ofWords = parts.map((found) => found.join('/'));
const ofChars = (pattern: RegExp) => fc.stringMatching(pattern);
const five = (id: fc.Arbitrary<string>) => fc.tuple(id, id, id, id, id);

it('joins in CSV, whatever characters the ids have', async () => {
  const id = fc.oneof(ofWords, ofChars(/^[!-~](?:[ -~]{0,20}[!-~])?$/));
  await fc.assert(
    fc.asyncProperty(five(id), async ([patient, other, booking, panel, member]) => {
      const { ids, dangling } = await load([
        csv('patients.csv', [
          ['patient_id', 'replaced_by_patient_id'],
          [patient, other],
          [other, ''],
        ]),
        csv('appointments.csv', [
          ['appointment_id', 'patient_id', 'status', 'booking_id'],
          [`Appointment/${booking}`, patient, 'booked', ''],
          [`Encounter/${booking}`, patient, 'finished', `Appointment/${booking}`],
        ]),
        csv('lab_results.csv', [
          ['lab_result_id', 'patient_id', 'appointment_id', 'test_code', 'status', 'panel_id'],
          [panel, patient, `Encounter/${booking}`, 'K', 'final', ''],
          [member, other, `Appointment/${booking}`, 'K', 'final', panel],
        ]),
      ]);
      expect(dangling).toEqual([]);
      expect(ids).toContain(`his:Encounter:${booking}`);
    }),
  );
});

it('keeps an id with a slash whole in CSV, with and without its type', async () => {
  const { ids, dangling } = await load([
    csv('patients.csv', [['patient_id'], ['MRN/17'], ['Patient/18']]),
    csv('appointments.csv', [
      ['appointment_id', 'patient_id', 'status'],
      ['V/1', 'Patient/MRN/17', 'booked'],
    ]),
    csv('lab_results.csv', [
      ['lab_result_id', 'patient_id', 'appointment_id', 'test_code', 'status'],
      ['r1', 'MRN/17', 'V/1', 'K', 'final'],
      ['r2', '18', 'V/1', 'K', 'final'],
    ]),
  ]);
  expect(dangling).toEqual([]);
  expect([...ids].sort()).toEqual([
    ...['his:Appointment:V/1', 'his:Observation:r1', 'his:Observation:r2'],
    ...['his:Patient:18', 'his:Patient:MRN/17'],
  ]);
});

it('joins in FHIR, with relative and absolute references', async () => {
  const id = fc.oneof(ofWords, ofChars(/^[\w.:-](?:[\w./:-]{0,20}[\w.:-])?$/));
  // Behind a server's address only an id that names no type itself can be told from the address.
  const isPlain = (text: string) =>
    !words.some((word) => /^[A-Z]/.test(word) && text.includes(word));
  const inner = fc.tuple(five(id), fc.constantFrom('', 'https://fhir.example.org/r4/'));
  await fc.assert(
    fc.asyncProperty(inner, async ([own, base]) => {
      const start = own.every(isPlain) ? base : '';
      const [patient, other, booking, visit, result] = own;
      const to = (type: string, to: string) => ({ reference: `${start}${type}/${to}` });
      const subject = to('Patient', patient);
      const resources = [
        {
          resourceType: 'Patient',
          id: patient,
          link: [{ other: to('Patient', other), type: 'replaced-by' }],
        },
        { resourceType: 'Patient', id: other },
        {
          resourceType: 'Appointment',
          id: booking,
          status: 'booked',
          participant: [{ actor: subject, status: 'accepted' }],
        },
        {
          resourceType: 'Encounter',
          id: visit,
          status: 'finished',
          class: { code: 'AMB' },
          subject,
          appointment: [to('Appointment', booking)],
        },
        {
          ...{ resourceType: 'Observation', id: result, status: 'final', subject },
          ...{ code: { text: 'K' }, encounter: to('Encounter', visit), valueString: 'x' },
          category: [{ coding: [{ code: 'laboratory' }] }],
        },
      ];
      const text = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
      const { ids, dangling } = await load([inputOf(text)]);
      expect(dangling).toEqual([]);
      expect(ids).toContain(`his:Observation:${result}`);
    }),
  );
});
