/** Encounter and Appointment → appointments: each case names the page of FHIR R4 (hl7.org/fhir/R4) that it is drawn from. */
import { describe, expect, it } from 'vitest';
import { mapped, refusal, stored } from './mapped.js';

const encounter = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: 'Patient/p1' },
};
const appointment = {
  resourceType: 'Appointment',
  id: 'a1',
  status: 'booked',
  participant: [{ actor: { reference: 'Patient/p1' }, status: 'accepted' }],
};

function typed(code: string) {
  return [{ coding: [{ code }] }];
}

describe('mapEncounter', () => {
  it('gives the whole record, every field stated', () => {
    const record = stored({
      ...encounter,
      type: [
        { coding: [{ system: 'http://snomed.info/sct', code: '185345009', display: 'Symptom' }] },
      ],
      appointment: [{ reference: 'Appointment/a1' }],
      participant: [
        { individual: { reference: 'RelatedPerson/r1', display: 'Mother' }, type: typed('PPRF') },
        { individual: { reference: 'Practitioner/d1', display: 'Dr. Any' } },
        { individual: { reference: 'Practitioner/d2', display: 'Dr. First' }, type: typed('PPRF') },
      ],
      period: { start: '2026-01-12T23:30:00-05:00', end: '2026-01-13T00:10:00-05:00' },
      reasonCode: [{ text: 'Fever' }, { coding: [{ display: 'Cough' }] }],
      location: [
        { location: { display: 'Hall' } },
        { location: { display: 'Room 1' }, status: 'active' },
      ],
      serviceProvider: { display: 'Example General Hospital' },
    });
    expect(record).toEqual({
      content: {
        appointment_id: 'ehr:Encounter:e1',
        patient_id: 'ehr:Patient:p1',
        date: '2026-01-12',
        start_ts: '2026-01-12T23:30:00-05:00',
        end_ts: '2026-01-13T00:10:00-05:00',
        start_text: '2026-01-12T23:30:00-05:00',
        end_text: '2026-01-13T00:10:00-05:00',
        status: 'finished',
        class_code: 'AMB',
        type_code: '185345009',
        type_system: 'http://snomed.info/sct',
        type_text: 'Symptom',
        reason: 'Fever; Cough',
        practitioner: 'Dr. First',
        location: 'Room 1',
        department: 'Example General Hospital',
        booking_id: 'ehr:Appointment:a1',
        source: 'ehr',
        source_type: 'Encounter',
        source_id: 'e1',
        security_labels: [],
      },
      state: 'active',
      defects: [],
    });
  });

  const fields: readonly [string, object, object][] = [
    // datatypes.html, dateTime; the day is the hospital's
    [
      'UTC, the day before at the hospital',
      { period: { start: '2026-01-13T03:00:00Z' } },
      { date: '2026-01-12' },
    ],
    [
      'UTC of unknown local time',
      { period: { start: '2026-01-13T03:00:00-00:00' } },
      { date: '2026-01-12' },
    ],
    [
      'UTC as an offset',
      { period: { start: '2026-01-13T03:00:00+00:00' } },
      { date: '2026-01-12' },
    ],
    [
      'an offset, the day as written',
      { period: { start: '2026-01-13T03:00:00+09:00' } },
      { date: '2026-01-13' },
    ],
    [
      'a day without a time',
      { period: { start: '2026-01-13' } },
      { date: '2026-01-13', start_ts: null, start_text: '2026-01-13' },
    ],
    [
      'a month',
      { period: { start: '2026-01' } },
      { date: null, start_ts: null, start_text: '2026-01' },
    ],
    ['no start', {}, { date: null, start_ts: null, end_ts: null }],
    [
      'no seconds',
      { period: { start: '2026-01-13T03:00Z' } },
      { start_ts: '2026-01-13T03:00:00Z' },
    ],
    [
      'nine fraction digits',
      { period: { end: '2026-01-13T03:00:00.123456789Z' } },
      { end_ts: '2026-01-13T03:00:00.123456Z' },
    ],
    [
      'small letters',
      { period: { end: '2026-01-13t03:00:00z' } },
      { end_ts: '2026-01-13T03:00:00Z' },
    ],
    // references.html
    [
      'a URL',
      { subject: { reference: 'https://ehr.example.org/fhir/Patient/9' } },
      { patient_id: 'ehr:Patient:9' },
    ],
    [
      'a version',
      { subject: { reference: 'Patient/9/_history/2' } },
      { patient_id: 'ehr:Patient:9' },
    ],
    ['a UUID', { subject: { reference: 'urn:uuid:6c5d' } }, { patient_id: 'ehr:Patient:6c5d' }],
    [
      'a practitioner without a name',
      { participant: [{ individual: { reference: 'Practitioner/d1' } }] },
      { practitioner: null },
    ],
    [
      'a service type without a provider',
      { serviceType: { text: 'Cardiology' } },
      { department: 'Cardiology' },
    ],
    ['a reason by reference', { reasonReference: [{ display: 'Fever' }] }, { reason: 'Fever' }],
  ];
  it.each(fields)('stores %s', (_, given, expected) => {
    const { content, defects } = stored({ ...encounter, ...given });
    expect({ ...content, defects }).toMatchObject({ ...expected, defects: [] });
  });

  it('is retracted when entered in error, and keeps what it said', () => {
    const { state, content } = stored({ ...encounter, status: 'entered-in-error' });
    expect([state, content.status, content.class_code]).toEqual([
      'retracted',
      'entered-in-error',
      'AMB',
    ]);
  });

  const defective: readonly [string, object, object, string][] = [
    [
      'a start that is no time',
      { period: { start: 'soon' } },
      { start_ts: null, date: null },
      'start_ts',
    ],
    [
      'a start without an offset',
      { period: { start: '2026-01-13T03:00:00' } },
      { start_ts: null, date: '2026-01-13' },
      'start_ts',
    ],
    [
      'a start with an offset that no place has',
      { period: { start: '2026-01-13T03:00:00+14:30' } },
      { start_ts: null, start_text: '2026-01-13T03:00:00+14:30' },
      'start_ts',
    ],
    [
      'a booking by query',
      { appointment: [{ reference: 'Appointment?identifier=1' }] },
      { booking_id: 'ehr:Appointment:?identifier=1' },
      'booking_id',
    ],
    ['a class that is no coding', { class: 'AMB' }, { class_code: null }, 'class'],
  ];
  it.each(defective)('leaves out and counts %s', (_, given, expected, field) => {
    const { content, defects } = stored({ ...encounter, ...given });
    expect(content).toMatchObject(expected);
    expect(defects.map((defect) => defect.field)).toEqual([field]);
  });

  const refused: readonly [string, object, string, string][] = [
    ['no subject', { subject: undefined }, 'subject', '/subject'],
    ['a group', { subject: { reference: 'Group/1' } }, 'subject', '/subject'],
    [
      'a group by UUID',
      { subject: { reference: 'urn:uuid:1', type: 'Group' } },
      'subject',
      '/subject',
    ],
    ['a contained patient', { subject: { reference: '#p' } }, 'subject', '/subject'],
    ['a patient in words', { subject: { display: 'Ada' } }, 'subject', '/subject'],
    ['no status', { status: undefined }, 'structure', '/status'],
    ['a status that FHIR does not have', { status: 'FINISHED' }, 'structure', '/status'],
    [
      'a changed participant',
      { participant: [{ modifierExtension: [{}] }] },
      'modifier',
      '/participant/0/modifierExtension',
    ],
  ];
  it.each(refused)('refuses %s', (_, given, rule, pointer) => {
    expect(refusal({ ...encounter, ...given })).toEqual({ rule, pointer });
  });
});

describe('mapAppointment', () => {
  it('gives the whole record, every field stated', () => {
    const record = stored({
      ...appointment,
      appointmentType: { coding: [{ system: 'urn:t', code: 'FOLLOWUP' }], text: 'Follow-up' },
      specialty: [{ text: 'Cardiology' }],
      description: 'Check of wound',
      start: '2026-03-01T09:00:00-05:00',
      end: '2026-03-01T09:20:00-05:00',
      participant: [
        { actor: { reference: 'Location/l1', display: 'Room 2' } },
        { actor: { reference: 'Patient/p1', display: 'Ada' } },
        { actor: { reference: 'Practitioner/d1', display: 'Dr. Any' } },
      ],
    });
    expect(record).toEqual({
      content: {
        appointment_id: 'ehr:Appointment:a1',
        patient_id: 'ehr:Patient:p1',
        date: '2026-03-01',
        start_ts: '2026-03-01T09:00:00-05:00',
        end_ts: '2026-03-01T09:20:00-05:00',
        start_text: '2026-03-01T09:00:00-05:00',
        end_text: '2026-03-01T09:20:00-05:00',
        status: 'booked',
        class_code: null,
        type_code: 'FOLLOWUP',
        type_system: 'urn:t',
        type_text: 'Follow-up',
        reason: 'Check of wound',
        practitioner: 'Dr. Any',
        location: 'Room 2',
        department: 'Cardiology',
        booking_id: null,
        source: 'ehr',
        source_type: 'Appointment',
        source_id: 'a1',
        security_labels: [],
      },
      state: 'active',
      defects: [],
    });
  });

  it('is one record for each of several patients (appointment.html, Appointment.participant)', () => {
    const actors = ['Patient/p1', 'Patient/p2', 'Patient/p1'].map((reference) => ({
      actor: { reference },
    }));
    const records = mapped(JSON.stringify({ ...appointment, participant: actors }));
    expect(
      records.flatMap((each) => (each.kind === 'record' ? [[each.id, each.patientId]] : [])),
    ).toEqual([
      ['ehr:Appointment:a1~p1', 'ehr:Patient:p1'],
      ['ehr:Appointment:a1~p2', 'ehr:Patient:p2'],
    ]);
  });

  it('has no date while it has no start', () => {
    expect(stored({ ...appointment, status: 'proposed' }).content).toMatchObject({
      date: null,
      start_ts: null,
    });
  });

  it('refuses one without a patient', () => {
    expect(
      refusal({ ...appointment, participant: [{ actor: { reference: 'urn:uuid:1' } }] }),
    ).toEqual({
      rule: 'subject',
      pointer: '/participant',
    });
  });
});
