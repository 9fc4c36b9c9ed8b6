/** Records for tests: valid contents to which each test gives what it is about. */
import {
  type CollectionName,
  type ContentOf,
  auditColumns,
} from '../../src/contract/collections.js';
import { readContract } from '../../src/contract/contract.js';
import { resolve } from '../../src/contract/document.js';
import { recordContentOf } from '../../src/contract/record-content.js';
import type { StagedRecord } from '../../src/ingest/write/staged-record.js';
import { marked } from './marks.js';

const contract = readContract();
const writers = new Map(
  contract.collections.map((collection) => [collection.name, recordContentOf(collection)]),
);

/** Checks the content against the contract, as the importer does, and stages it. */
function staged<Name extends CollectionName>(
  name: Name,
  content: ContentOf<Name>,
  facts: Partial<StagedRecord> = {},
): StagedRecord {
  const collection = contract.collections.find((candidate) => candidate.name === name);
  const writer = writers.get(name);
  if (collection === undefined || writer === undefined) throw new Error(`no collection ${name}`);
  const faults = writer.errors(content);
  if (faults.length > 0) throw new Error(`not a valid ${name} record: ${JSON.stringify(faults)}`);
  const fields: Readonly<Record<string, unknown>> = { ...content };
  return {
    id: String(fields[collection.idField]),
    patientId: content.patient_id,
    recordState: 'active',
    content: writer.serialise(fields),
    ...facts,
  };
}

export function patient(id: string, facts: Partial<ContentOf<'patients'>> = {}) {
  return staged('patients', {
    patient_id: `ehr:Patient:${id}`,
    name: marked.name,
    family_name: 'Example',
    given_names: ['Ada'],
    name_suffix: null,
    dob: marked.dob,
    dob_text: null,
    gender: 'female',
    deceased: false,
    deceased_ts: null,
    deceased_text: null,
    mrn: marked.mrn,
    mrn_system: null,
    phone: null,
    email: null,
    address: null,
    replaced_by_patient_id: null,
    source: 'ehr',
    source_type: 'Patient',
    source_id: id,
    security_labels: [],
    ...facts,
  });
}

export function appointment(id: string, facts: Partial<ContentOf<'appointments'>> = {}) {
  return staged('appointments', {
    appointment_id: `ehr:Encounter:${id}`,
    patient_id: 'ehr:Patient:1',
    date: '2026-01-05',
    start_ts: '2026-01-05T09:00:00-05:00',
    end_ts: null,
    start_text: '2026-01-05T09:00:00-05:00',
    end_text: null,
    status: 'finished',
    class_code: 'AMB',
    type_code: null,
    type_system: null,
    type_text: null,
    reason: null,
    practitioner: null,
    location: null,
    department: null,
    booking_id: null,
    source: 'ehr',
    source_type: 'Encounter',
    source_id: id,
    security_labels: [],
    ...facts,
  });
}

export function labResult(id: string, facts: Partial<ContentOf<'lab_results'>> = {}) {
  return staged('lab_results', {
    lab_result_id: `ehr:Observation:${id}`,
    patient_id: 'ehr:Patient:1',
    appointment_id: null,
    panel_id: null,
    test_code: '2093-3',
    test_system: 'http://loinc.org',
    test_name: 'Total Cholesterol',
    value_number: marked.value,
    value_comparator: null,
    value_limit: null,
    value_text: String(marked.value),
    value_code: null,
    value_system: null,
    unit: 'mg/dL',
    unit_code: 'mg/dL',
    absent_reason: null,
    reference_low: null,
    reference_high: null,
    reference_text: null,
    interpretation_codes: [],
    note: null,
    specimen: null,
    status: 'final',
    collected_ts: '2026-01-05T09:10:00-05:00',
    collected_text: null,
    reported_ts: null,
    source: 'ehr',
    source_type: 'Observation',
    source_id: id,
    security_labels: [],
    ...facts,
  });
}

/** The record that the contract itself gives as its example, whatever the collection. */
export function exampleRecord(name: CollectionName): StagedRecord {
  const collection = contract.collections.find((candidate) => candidate.name === name);
  const response =
    collection && contract.document.paths[collection.recordPath]?.get?.responses['200'];
  const content = response && resolve(contract.document, response).content?.['application/json'];
  const { examples = {} } = (content ?? {}) as { examples?: Record<string, { value: object }> };
  const [example] = Object.values(examples).map((it) => resolve(contract.document, it));
  if (example === undefined) throw new Error(`the contract has no example of ${name}`);
  const own = Object.entries(example.value).filter(
    ([field]) => !(auditColumns as readonly string[]).includes(field),
  );
  return staged(name, Object.fromEntries(own) as ContentOf<typeof name>);
}
