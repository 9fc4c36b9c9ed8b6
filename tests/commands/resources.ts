/** FHIR resources as an extract holds them, one a line. */
import { marked } from '../support/marks.js';

export function patientLine(id: string, family = 'Example'): string {
  return line({
    resourceType: 'Patient',
    id,
    name: [{ family, given: ['Ada'] }],
    gender: 'female',
    birthDate: marked.dob,
  });
}

export function encounterLine(id: string, patient: string): string {
  return line({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: `Patient/${patient}` },
    period: { start: '2026-01-05T09:00:00-05:00' },
  });
}

export function observationLine(id: string, patient: string): string {
  return line({
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'laboratory',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '2093-3', display: 'Cholesterol' }] },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: '2026-01-05T09:10:00-05:00',
    valueQuantity: { value: marked.value, unit: 'mg/dL' },
  });
}

function line(resource: object): string {
  return `${JSON.stringify(resource)}\n`;
}
