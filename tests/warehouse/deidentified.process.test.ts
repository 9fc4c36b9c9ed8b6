/** The de-identified views, run: what each of the hard cases becomes, and that no identifier comes through. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CollectionName } from '../../src/contract/collections.js';
import { readContract } from '../../src/contract/contract.js';
import { writeBatch } from '../../src/ingest/resolve-batch.js';
import type { StagedRecord } from '../../src/ingest/write/staged-record.js';
import { type Store, openStore } from '../../src/store.js';
import { type Folder, makeFolder, settingsFor } from '../commands/processes.js';
import { marked } from '../support/marks.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { appointment, labResult, patient } from '../support/records.js';
import { silent } from '../support/service.js';
import { createTables, giveKeys, upsert } from '../support/warehouse/postgres-tables.js';
import { found, identifiersOf } from './identifiers.js';

const { collections } = readContract();

/** Puts what the store holds into the tables, and gives every id its surrogate. */
async function fillTables(database: TestDatabase): Promise<void> {
  await createTables(database);
  for (const { name } of collections) {
    const rows = await database.query('select body from record where collection = $1', [name]);
    await upsert(
      database,
      name,
      rows.map(({ body }) => String(body)),
    );
  }
  await giveKeys(database);
}

const rowsOf = (database: TestDatabase, view: string) =>
  database.query(`select * from warehouse.${view}`);

/** What of one collection's input is found in its own view, a few of it. */
async function leaks(database: TestDatabase, name: CollectionName): Promise<readonly string[]> {
  const collection = collections.find((candidate) => candidate.name === name);
  if (collection === undefined) throw new Error(`no collection ${name}`);
  const records = await database.query('select body from record where collection = $1', [name]);
  const identifiers = new Set(
    records.flatMap(({ body }) =>
      identifiersOf(collection, JSON.parse(String(body)) as Record<string, unknown>),
    ),
  );
  expect(identifiers.size).toBeGreaterThan(records.length);
  const rows = await rowsOf(database, `${name}_deidentified`);
  return found(identifiers, rows).slice(0, 5);
}

const here = { lines: ['7 Elm Street'], city: 'Sampleton', state: 'VT', country: 'US' };

describe('hard cases', () => {
  let database: TestDatabase;
  let store: Store;

  beforeAll(async () => {
    database = await createDatabase();
    store = await openStore({ url: database.url, contract: readContract(), log: silent });
    const load = await store.startLoad({ source: 'ehr', files: [] });
    const write = (name: CollectionName, records: readonly StagedRecord[]) =>
      writeBatch(store, { collection: name, records }, load, (record) => record);
    await write('patients', [
      patient('1', {
        dob: '1923-06-01',
        deceased: true,
        deceased_ts: '2021-03-04T05:06:07-05:00',
        address: { ...here, postal_code: '05901' },
        mrn: 'MRN-77123',
        mrn_system: 'http://sampleton-hospital.example/mrn',
        phone: '+1-555-0199',
        email: 'ada@example.org',
      }),
      patient('2', { address: { ...here, state: 'Vermont', postal_code: '05401-1234' } }),
      patient('3', { address: { ...here, country: 'DE', state: 'Hessen', postal_code: '60311' } }),
      patient('4', { address: { ...here, country: null, postal_code: '05401' } }),
      patient('5', { dob: null, dob_text: '1923', address: null }),
      { ...patient('6'), recordState: 'merged' },
    ]);
    await write('appointments', [
      appointment('1', {
        patient_id: 'ehr:Patient:1',
        date: '1931-02-03',
        start_ts: '2025-12-31T23:30:00-05:00',
        reason: 'Ada Example, MRN-77123, complains of her neighbour Grace Hopper',
        type_text: 'Visit of Ada Example',
        type_code: 'Ada Example',
        type_system: 'http://sampleton-hospital.example/visits',
        status: 'seen by Dr. Strange',
        practitioner: 'Dr. Stephen Strange',
        location: 'Ward 3, Sampleton',
        department: 'Sampleton Cardiology',
      }),
    ]);
    await write('lab_results', [
      labResult('1', {
        patient_id: 'ehr:Patient:1',
        appointment_id: 'ehr:Encounter:1',
        note: 'Call Ada Example at +1-555-0199',
        value_text: 'Ada',
        specimen: 'Blood of Ada Example',
        reference_text: 'see Ada',
        interpretation_codes: ['H', 'ADA-77123'],
      }),
      labResult('2', { test_code: '30525-0', value_number: 102, unit: 'years', unit_code: 'a' }),
      labResult('3', { test_code: '30525-0', value_number: 54, unit: 'years', unit_code: 'a' }),
    ]);
    await fillTables(database);
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  it('tells of patients the state, a postal area where enough people live, and no birth before the last 90 years', async () => {
    const rows = await database.query(
      `select dob_year::int, deceased_year::int, address_state, address_postal_code, address_country
       from warehouse.patients_deidentified
       join warehouse.deidentification_keys on surrogate = patient_key order by id`,
    );
    const [dob_year, deceased_year] = [1970, null];
    const us = { address_country: 'US' };
    expect(rows).toEqual([
      {
        dob_year: null,
        deceased_year: 2021,
        ...us,
        address_state: 'VT',
        address_postal_code: '000',
      },
      { dob_year, deceased_year, ...us, address_state: 'VERMONT', address_postal_code: '054' },
      {
        dob_year,
        deceased_year,
        address_country: 'other',
        address_state: null,
        address_postal_code: null,
      },
      {
        dob_year,
        deceased_year,
        address_country: null,
        address_state: 'VT',
        address_postal_code: '054',
      },
      {
        dob_year: null,
        deceased_year,
        address_country: null,
        address_state: null,
        address_postal_code: null,
      },
    ]);
  });

  it('tells of a visit codes of public systems, and no year that an age over 89 shows in', async () => {
    const [row] = await database.query(
      `select date_year::int, start_year::int, status, class_code, type_code, type_system
       from warehouse.appointments_deidentified`,
    );
    expect(row).toEqual({
      ...{ date_year: null, start_year: 2026, status: null, class_code: 'AMB' },
      ...{ type_code: null, type_system: null },
    });
  });

  it('tells of results values and listed codes, and no age over 89', async () => {
    const rows = await database.query(
      `select test_code, value_number, interpretation_codes from warehouse.lab_results_deidentified
       join warehouse.deidentification_keys on surrogate = lab_result_key order by id`,
    );
    expect(rows).toEqual([
      { test_code: '2093-3', value_number: marked.value, interpretation_codes: ['H'] },
      { test_code: '30525-0', value_number: null, interpretation_codes: [] },
      { test_code: '30525-0', value_number: 54, interpretation_codes: [] },
    ]);
  });

  it('joins by surrogates that are stored, random, and made from nothing', async () => {
    const [joined] = await database.query(
      `select count(*)::int from warehouse.lab_results_deidentified as result
       join warehouse.appointments_deidentified using (appointment_key)
       join warehouse.patients_deidentified as patient on patient.patient_key = result.patient_key`,
    );
    const before = await rowsOf(database, 'deidentification_keys order by id');
    await giveKeys(database);
    const again = await rowsOf(database, 'deidentification_keys order by id');
    await database.query('delete from warehouse.deidentification_keys');
    await giveKeys(database);
    const anew = await rowsOf(database, 'deidentification_keys order by id');
    const surrogates = new Set([...before, ...anew].map(({ surrogate }) => surrogate));
    expect(joined).toEqual({ count: 1 });
    expect(again).toEqual(before);
    expect(surrogates.size).toBe(2 * before.length);
  });

  it.each(collections)('lets no identifier of $name through', async ({ name }) => {
    expect(await leaks(database, name)).toEqual([]);
  });

  it('would be caught: what is looked for is found in the table itself', async () => {
    const [collection] = collections;
    const [row] = await rowsOf(database, 'patients_current');
    const [record] = await database.query("select body from record where id = 'ehr:Patient:1'");
    const identifiers =
      collection && identifiersOf(collection, JSON.parse(String(record?.body)) as object as never);
    expect(found(identifiers ?? [], [row ?? {}])).toContain('Ada Example');
  });
});

const extract = fileURLToPath(new URL('../../../shared/data/fhir', import.meta.url));

describe.skipIf(!existsSync(extract))('a real extract', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let folder: Folder;

  beforeAll(async () => {
    folder = await makeFolder();
    database = await createDatabase();
    const settings = { ...(await settingsFor(folder, database.url)), LOG_LEVEL: 'warn' };
    const { status } = await folder.command(['import', extract], settings);
    expect(status).toBe(0);
    await fillTables(database);
  });
  afterAll(async () => {
    await folder.remove();
    await database.drop();
  });

  it.each(collections)('lets no identifier of $name through', async ({ name }) => {
    expect(await leaks(database, name)).toEqual([]);
  });
});
