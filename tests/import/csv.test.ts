/** CSV: a header of contract fields, and rows that become records as FHIR resources do. */
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import type { Reject } from '../../src/ingest/import-report.js';
import { createImporter } from '../../src/ingest/importer.js';
import { readInput } from '../../src/ingest/read/read-input.js';
import { createMemoryStore } from './memory-store.js';

const contract = readContract();

async function load(name: string, contents: string | Buffer) {
  const memory = createMemoryStore();
  const rejects: Reject[] = [];
  const { collections } = contract;
  async function* bytes() {
    yield await Promise.resolve(Buffer.from(contents));
  }
  const report = await createImporter({
    ...{ contract, store: memory.store, timeZone: 'America/New_York', keepSource: false },
  }).run({
    inputs: [{ name, lines: () => readInput({ name, form: 'csv', collections, bytes: bytes() }) }],
    source: 'his',
    onReject: (reject) => rejects.push(reject),
  });
  const records = [...memory.records.values()].map(
    ({ content }) => JSON.parse(content) as Readonly<Record<string, unknown>>,
  );
  return {
    ...{ report, records, states: [...memory.records.values()].map((it) => it.recordState) },
    rejects: rejects.map(({ line, rule, pointer }) => [line, rule, pointer]),
  };
}

describe('patients.csv', () => {
  it('gives whole records, what the header does not name being null', async () => {
    const { records, states, rejects } = await load(
      'in/patients.csv',
      '\ufeffpatient_id,name,given_names,dob,deceased,address.city,address.lines\r\n' +
        '17,"Example, ""Ada""",Ada; B.,1970-05,FALSE,Sampleton,"1 Street; Flat 2"\r\n',
    );
    expect(records).toEqual([
      {
        ...{ patient_id: 'his:Patient:17', name: 'Example, "Ada"', family_name: null },
        ...{ given_names: ['Ada', 'B.'], name_suffix: null, dob: null, dob_text: '1970-05' },
        ...{ gender: null, deceased: false, deceased_ts: null, deceased_text: null, mrn: null },
        ...{ mrn_system: null, phone: null, email: null },
        address: {
          ...{ lines: ['1 Street', 'Flat 2'], city: 'Sampleton', state: null },
          ...{ postal_code: null, country: null },
        },
        ...{ replaced_by_patient_id: null, source: 'his', source_type: 'Patient' },
        ...{ source_id: '17', security_labels: [] },
      },
    ]);
    expect([states, rejects]).toEqual([['active'], []]);
  });

  const deaths: readonly [string, string, unknown][] = [
    ['a time alone', ',2024-03-02T04:05:06-05:00,', true],
    ['a month alone', ',,2024-03', true],
    ['a time and true', 'true,2024-03-02T04:05:06-05:00,', true],
    ['neither', ',,', null],
  ];
  it.each(deaths)('says who is dead, with %s', async (_, cells, deceased) => {
    const header = 'patient_id,deceased,deceased_ts,deceased_text';
    const { records, rejects } = await load('patients.csv', `${header}\n1,${cells}\n`);
    expect([records[0]?.deceased, rejects]).toEqual([deceased, []]);
  });

  it('refuses a time of death of somebody who is not dead', async () => {
    const { rejects } = await load(
      'patients.csv',
      'patient_id,deceased,deceased_ts\n1,false,2024-03-02T04:05:06-05:00\n',
    );
    expect(rejects).toEqual([[2, 'csv', '/row/deceased']]);
  });

  it('keeps the spaces of a quoted text, and of nothing else', async () => {
    const { records, rejects } = await load(
      'patients.csv',
      '"patient_id ", name,dob,address.city,gender,phone\n' +
        '" 1 "," Ada ", "1970-01-02 ",  Sampleton ,female , "   "\n2 ,,,\t,,\n',
    );
    expect(rejects).toEqual([]);
    expect(records).toMatchObject([
      {
        ...{ patient_id: 'his:Patient:1', name: ' Ada ', dob: '1970-01-02', gender: 'female' },
        ...{ phone: null, address: { city: 'Sampleton' } },
      },
      { patient_id: 'his:Patient:2', name: null, address: null },
    ]);
  });

  it('makes a patient who was replaced a merged one', async () => {
    const { records, states } = await load(
      'patients.csv',
      'patient_id,replaced_by_patient_id\n1,2',
    );
    expect([records[0]?.replaced_by_patient_id, states]).toEqual(['his:Patient:2', ['merged']]);
  });

  const headers: readonly [string, string][] = [
    ['an unknown field', 'patient_id,Ada Example'],
    ['an audit column', 'patient_id,version'],
    ['the source', 'patient_id,source'],
    ['a field twice', 'patient_id,name,name'],
    ['no id', 'name'],
    ['an object as a whole', 'patient_id,address'],
  ];
  it.each(headers)('is refused with a header of %s', async (_, header) => {
    const { rejects, records } = await load('patients.csv', `${header}\n1,2\n`);
    expect([rejects, records]).toEqual([[[1, 'csv', '']], []]);
  });

  it('refuses a row, and loads the others', async () => {
    const { rejects, records } = await load(
      'patients.csv.gz',
      'patient_id,name\n1,Ada,more\n,Ben\n2,B"en\n\n3,Cora\n4,"Dan\nEva"\n',
    );
    expect([...rejects].sort()).toEqual([
      [2, 'csv', ''],
      [3, 'csv', '/row/patient_id'],
      [4, 'csv', ''],
    ]);
    expect(records.map(({ patient_id: id }) => id)).toEqual(['his:Patient:3', 'his:Patient:4']);
  });

  it('counts a bad cell of an optional field, and refuses one of a required', async () => {
    const { report, records, rejects } = await load(
      'patients.csv',
      'patient_id,gender,deceased\n1,F,maybe\n2,female,true\n',
    );
    expect(records.map(({ gender, patient_id: id }) => [id, gender])).toEqual([
      ['his:Patient:2', 'female'],
    ]);
    expect([rejects, report.defects]).toEqual([[[2, 'contract', '/deceased']], []]);
  });

  const middle = Array.from({ length: 500 }, (_, index) => `${index + 10},Eve\n`).join('');
  const lost: readonly [string, string, readonly (readonly [number, string, string])[]][] = [
    ['a byte that is not UTF-8', '2,B\xe9', [[3, 'utf-8', '']]],
    ['a quote that is never closed', '2,"B', [[3, 'csv', '']]],
    ['letters behind a quote', '2,"B" b', [[3, 'csv', '']]],
    ['a quote inside', '2,B"', [[3, 'csv', '']]],
    ['both', '2,"B\xe9', [[3, 'utf-8', '']]],
  ];
  it.each(lost)('loses the row, not the rest, with %s', async (_, row, expected) => {
    const text = Buffer.from(`patient_id,name\n1,Ada\n${row}\n${middle}3,Cora`, 'latin1');
    const { rejects, records } = await load('patients.csv', text);
    expect([rejects, records.length]).toEqual([expected, 502]);
  });

  it('loses the row whose open quote a later row seems to close, not those between', async () => {
    const text = `patient_id,name\n1,"Ada\n${middle}3,"Cora"\n4,Dan\n`;
    const { rejects, records } = await load('patients.csv', text);
    expect([rejects, records.length]).toEqual([[[2, 'csv', '']], 502]);
  });

  it('reads no row where the header is broken', async () => {
    const { rejects, records } = await load('patients.csv', 'patient_id,"name\n1,Ada\n');
    expect([rejects, records]).toEqual([[[1, 'csv', '']], []]);
  });

  it('is not UTF-8 inside a quoted cell: says so once', async () => {
    const text = Buffer.concat([
      Buffer.from('patient_id,name\n1,Ada\n2,"B\nC'),
      Buffer.from([0xe9, 0x22, 0x0a]),
    ]);
    const { rejects, records } = await load('patients.csv', text);
    expect(rejects).toEqual([[4, 'utf-8', '']]);
    expect(records.map(({ patient_id: id }) => id)).toEqual(['his:Patient:1']);
  });

  it('counts the lines of the file, also those inside quoted cells', async () => {
    const { rejects } = await load(
      'patients.csv',
      '\ufeffpatient_id,name\r\n1,"A\r\nd\r\na"\r\n,x\r\n2,B"en\r\n,"y\nz"\r\n,last',
    );
    const pointer = '/row/patient_id';
    expect([...rejects].sort()).toEqual([
      [5, 'csv', pointer],
      [6, 'csv', ''],
      [8, 'csv', pointer],
      [9, 'csv', pointer],
    ]);
  });
});

describe('appointments.csv and lab_results.csv', () => {
  it('gives a visit the day at the hospital', async () => {
    const { records } = await load(
      'appointments.csv',
      'appointment_id,patient_id,start_ts,source_type\n7,17,2026-01-13T03:00:00Z,Encounter\n',
    );
    expect(records).toMatchObject([
      {
        ...{ appointment_id: 'his:Encounter:7', patient_id: 'his:Patient:17' },
        ...{ date: '2026-01-12', start_ts: '2026-01-13T03:00:00Z', end_ts: null },
        start_text: '2026-01-13T03:00:00Z',
      },
    ]);
  });

  it('keeps the digits of a value, and a number is never text', async () => {
    const { records, rejects } = await load(
      'lab_results.csv',
      'lab_result_id,patient_id,appointment_id,value_number,unit\n' +
        '1,17,Encounter/7,5.40,mg/dL\n2,17,7,<5,mg/dL\n',
    );
    expect(records).toMatchObject([
      {
        ...{ lab_result_id: 'his:Observation:1', appointment_id: 'his:Encounter:7' },
        ...{ value_number: 5.4, value_text: '5.40', unit: 'mg/dL' },
      },
      {
        ...{ appointment_id: 'his:Appointment:7', value_number: null, value_text: '<5' },
      },
    ]);
    expect(rejects).toEqual([]);
  });

  it('gives a visit the day of a start whose time is not known', async () => {
    const { records } = await load(
      'appointments.csv',
      'appointment_id,patient_id,start_text\n7,17,2026-01-13\n8,17,2026-01\n',
    );
    expect(records.map(({ date, start_ts: time }) => [date, time])).toEqual([
      ['2026-01-13', null],
      [null, null],
    ]);
  });

  const values: readonly [string, string, unknown][] = [
    ['a bound in value_number', '<,5.40,,', ['<', null, 5.4, '<5.40']],
    ['a bound in value_limit', '<,,0.010,', ['<', null, 0.01, '<0.010']],
    ['a bound in both', '>=,500,500.0,', ['>=', null, 500, '>=500']],
    ['a bound beyond a double', '>,1e400,,', ['>', null, null, '>1e400']],
    ['a bound whose text is its number', '<,5.4,,5.40', ['<', null, 5.4, '<5.40']],
    ['a bound with its own text', '<,5.4,,< 5.40', ['<', null, 5.4, '< 5.40']],
    ['a comparator of no number', '<,,,few', [null, null, null, 'few']],
    ['a measurement', ',5.40,,', [null, 5.4, null, '5.40']],
  ];
  it.each(values)('reads %s', async (_, cells, expected) => {
    const header = 'lab_result_id,patient_id,value_comparator,value_number,value_limit,value_text';
    const { records, rejects } = await load('lab_results.csv', `${header}\n1,17,${cells}\n`);
    expect(rejects).toEqual([]);
    expect(
      records.map((it) => [it.value_comparator, it.value_number, it.value_limit, it.value_text]),
    ).toEqual([expected]);
  });

  it('refuses a status that FHIR does not have', async () => {
    const { records, rejects } = await load(
      'lab_results.csv',
      'lab_result_id,patient_id,test_code,status\n1,1,K,ENTERED-IN-ERROR\n2,1,K,final\n',
    );
    expect([records.length, rejects]).toEqual([1, [[2, 'csv', '/row/status']]]);
  });

  it('refuses a bound that nobody can read', async () => {
    const { rejects } = await load(
      'lab_results.csv',
      'lab_result_id,patient_id,value_comparator,value_number,value_limit\n1,17,,,5\n2,17,<,4,5\n',
    );
    expect(rejects).toEqual([
      [2, 'csv', '/row/value_comparator'],
      [3, 'csv', '/row/value_number'],
    ]);
  });

  it('retracts what was entered in error', async () => {
    const { records, states } = await load(
      'lab_results.csv',
      'lab_result_id,patient_id,status,value_number\n1,17,entered-in-error,5.4\n',
    );
    expect([states, records[0]?.value_number]).toEqual([['retracted'], null]);
  });

  it('is refused when no collection has its name', async () => {
    const { rejects } = await load('people.csv', 'patient_id\n1\n');
    expect(rejects).toEqual([[1, 'csv', '']]);
  });
});
