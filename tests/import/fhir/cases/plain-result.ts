/** A laboratory Observation that says which test it is and nothing more, and the record of it. */
import type { Fields } from './case.js';

const laboratory = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
  ],
};
export const plain = {
  ...{ resourceType: 'Observation', id: 'o1', status: 'final', category: [laboratory] },
  code: { coding: [{ system: 'http://loinc.org', code: '2823-3' }], text: 'Potassium' },
  subject: { reference: 'Patient/p1' },
};
export const noResult: Fields = {
  ...{ lab_result_id: 'ehr:Observation:o1', patient_id: 'ehr:Patient:p1', appointment_id: null },
  ...{ panel_id: null, test_code: '2823-3', test_system: 'http://loinc.org' },
  ...{ test_name: 'Potassium', value_number: null, value_comparator: null, value_limit: null },
  ...{ value_text: null, value_code: null, value_system: null, unit: null, unit_code: null },
  ...{ absent_reason: null, reference_low: null, reference_high: null, reference_text: null },
  ...{ interpretation_codes: [], note: null, specimen: null, status: 'final', collected_ts: null },
  ...{ collected_text: null, reported_ts: null, source: 'ehr', source_type: 'Observation' },
  ...{ source_id: 'o1', security_labels: [] },
};
