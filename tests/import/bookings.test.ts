/** Which record of a booking a visit names, where the booking has several patients, in any order. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { createImporter } from '../../src/ingest/importer.js';
import { remap } from '../../src/ingest/remap.js';
import { type TestStore, createTestStore } from '../support/store.js';
import { inputOf } from './memory-store.js';

const contract = readContract();
let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

let sources = 0;
const newSource = () => `b${(sources += 1)}`;

async function load(resources: readonly object[], source: string) {
  const text = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
  const importer = createImporter({ contract, store: test.store, timeZone: 'UTC' });
  return importer.run({ inputs: [inputOf(text)], source });
}

const booking = (patients: readonly string[], version = 1) => ({
  ...{ resourceType: 'Appointment', id: 'a', status: 'booked' },
  meta: { versionId: String(version) },
  participant: patients.map((id) => ({ actor: { reference: `Patient/${id}` } })),
});
const visit = (id: string, patient: string) => ({
  ...{ resourceType: 'Encounter', id, status: 'finished' },
  subject: { reference: `Patient/${patient}` },
  appointment: [{ reference: 'Appointment/a' }],
});
const visits = [visit('1', 'p1'), visit('2', 'p2'), visit('3', 'p3')];

/** The booking of each visit, and the bookings that no visit names. */
async function stateOf(source: string) {
  const rows = await test.database.query(
    `select source.id, source.body::json ->> 'booking_id' as booking_id, record_state
     from record as source where id like $1 || ':%' order by id`,
    [source],
  );
  const short = (id: unknown) => String(id).replace(`${source}:Appointment:`, '');
  const named = rows.filter(({ booking_id: id }) => id !== null);
  const names = named.map(({ booking_id: id }) => short(id));
  const bookings = rows
    .filter(({ booking_id: id, record_state: state }) => id === null && state === 'active')
    .map(({ id }) => short(id));
  return { names, left: bookings.filter((id) => !names.includes(id)) };
}

describe('a booking of several patients', () => {
  const group = { names: ['a~p1', 'a~p2', 'a'], left: [] };

  it.each([
    ['before the visits', [booking(['p1', 'p2']), ...visits]],
    ['behind the visits', [...visits, booking(['p1', 'p2'])]],
  ])('is named by its own record of each, %s, in one load or several', async (_, resources) => {
    const [together, apart] = [newSource(), newSource()];
    await load(resources, together);
    for (const resource of resources) await load([resource], apart);
    expect(await stateOf(together)).toEqual(group);
    expect(await stateOf(apart)).toEqual(group);
  });

  it('is named as one again when a newer version has one patient', async () => {
    const source = newSource();
    await load([...visits, booking(['p1', 'p2'])], source);
    await load([booking(['p1'], 2)], source);
    expect(await stateOf(source)).toEqual({ names: ['a', 'a', 'a'], left: [] });
    await load([booking(['p1', 'p2'])], source);
    expect(await stateOf(source)).toEqual({ names: ['a', 'a', 'a'], left: [] });
  });

  it('changes nothing when it is loaded again or read anew', async () => {
    const source = newSource();
    const all = [...visits, booking(['p1', 'p2'])];
    await load(all, source);
    const again = await load([...all].reverse(), source);
    expect(again.collections.appointments).toMatchObject({ created: 0, updated: 0 });
    const options = { store: test.store, contract, timeZone: 'UTC', source };
    expect((await remap(options)).collections.appointments).toMatchObject({ updated: 0 });
    expect(await stateOf(source)).toEqual(group);
  });
});
