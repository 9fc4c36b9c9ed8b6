/** Clinical cases of Encounter and Appointment, and of references in all their forms. */
import { type Case, casesOf, type Fields } from './case.js';

const nothing: Fields = {
  ...{ patient_id: 'ehr:Patient:p1', date: null, start_ts: null, end_ts: null, start_text: null },
  ...{ end_text: null, class_code: null, type_code: null, type_system: null, type_text: null },
  ...{ reason: null, practitioner: null, location: null, department: null, booking_id: null },
  ...{ source: 'ehr', security_labels: [] },
};
const visit = casesOf(
  {
    ...{ resourceType: 'Encounter', id: 'e1', status: 'finished' },
    subject: { reference: 'Patient/p1' },
  },
  {
    ...nothing,
    ...{ appointment_id: 'ehr:Encounter:e1', status: 'finished' },
    ...{ source_type: 'Encounter', source_id: 'e1' },
  },
);
const bookingRecord: Fields = {
  ...nothing,
  ...{ appointment_id: 'ehr:Appointment:a1', status: 'booked' },
  ...{ source_type: 'Appointment', source_id: 'a1' },
};
const booking = casesOf(
  {
    ...{ resourceType: 'Appointment', id: 'a1', status: 'booked' },
    participant: [{ actor: { reference: 'Patient/p1' }, status: 'accepted' }],
  },
  bookingRecord,
);
const subject = (reference: object) => ({ subject: reference });
const coded = (code: string) => [{ coding: [{ code }] }];

const references: readonly Case[] = [
  visit.record(
    'references.html#literal',
    'an absolute URL',
    subject({ reference: 'https://ehr.example.org/fhir/Patient/9' }),
    { patient_id: 'ehr:Patient:9' },
  ),
  visit.record(
    'references.html#literal',
    'a version',
    subject({ reference: 'Patient/9/_history/2' }),
    { patient_id: 'ehr:Patient:9' },
  ),
  visit.record(
    'references.html#literal',
    'a UUID across files: the resource of that id, of the type that the field expects',
    subject({ reference: 'urn:uuid:6c5d9ca9-0000-4000-8000-000000000001' }),
    { patient_id: 'ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001' },
  ),
  visit.rejected(
    'references.html#Reference.type',
    'a UUID of another type',
    subject({ reference: 'urn:uuid:1', type: 'http://hl7.org/fhir/StructureDefinition/Group' }),
    'subject',
    '/subject',
  ),
  visit.record(
    'http.html#trules',
    'a conditional reference is kept as written',
    subject({ reference: 'Patient?identifier=urn:mrn|7' }),
    { patient_id: 'ehr:Patient:?identifier=urn:mrn|7' },
    { defects: ['patient_id'] },
  ),
  visit.record(
    'references.html#logical',
    'an identifier alone is kept as written',
    subject({ identifier: { system: 'urn:mrn', value: '7' } }),
    { patient_id: 'ehr:Patient:?identifier=urn:mrn|7' },
    { defects: ['patient_id'] },
  ),
  visit.record(
    'references.html#contained',
    'a contained patient is nobody else',
    { ...subject({ reference: '#p' }), contained: [{ resourceType: 'Patient', id: 'p' }] },
    { patient_id: 'ehr:Patient:Encounter/e1#p' },
    { defects: ['patient_id'] },
  ),
  visit.rejected(
    'references.html#contained',
    'what is not contained',
    subject({ reference: '#p' }),
    'subject',
    '/subject',
  ),
  visit.rejected(
    'references.html#Reference.display',
    'words alone',
    subject({ display: 'Ada' }),
    'subject',
    '/subject',
  ),
];

const visits: readonly Case[] = [
  visit.rejected(
    'encounter.html#Encounter.subject',
    'a group',
    subject({ reference: 'Group/1' }),
    'subject',
    '/subject',
  ),
  visit.record(
    'encounter.html#Encounter.status',
    'entered-in-error',
    { status: 'entered-in-error' },
    { status: 'entered-in-error' },
    { state: 'retracted' },
  ),
  visit.rejected(
    'encounter.html#Encounter.status',
    'none',
    { status: undefined },
    'structure',
    '/status',
  ),
  visit.record(
    'encounter.html#Encounter.appointment',
    'the booking that it fulfils',
    { appointment: [{ reference: 'Appointment/a1' }, { reference: 'Appointment/a2' }] },
    { booking_id: 'ehr:Appointment:a1' },
  ),
  visit.record(
    'encounter.html#Encounter.appointment',
    'a reference to something else',
    { appointment: [{ reference: 'ServiceRequest/1' }] },
    {},
    { defects: ['booking_id'] },
  ),
  visit.record(
    'datatypes.html#dateTime',
    'UTC: the day at the hospital',
    { period: { start: '2026-01-13T03:00:00Z', end: '2026-01-13T04:00:00Z' } },
    {
      ...{ date: '2026-01-12', start_ts: '2026-01-13T03:00:00Z', end_ts: '2026-01-13T04:00:00Z' },
      ...{ start_text: '2026-01-13T03:00:00Z', end_text: '2026-01-13T04:00:00Z' },
    },
  ),
  visit.record(
    'datatypes.html#dateTime',
    'a local offset: the day as written',
    { period: { start: '2026-01-13T00:30:00+09:00' } },
    {
      ...{ date: '2026-01-13', start_ts: '2026-01-13T00:30:00+09:00' },
      start_text: '2026-01-13T00:30:00+09:00',
    },
  ),
  visit.record(
    'datatypes.html#dateTime',
    'a day or a month is not midnight',
    { period: { start: '2026-01-13', end: '2026-01' } },
    { date: '2026-01-13', start_text: '2026-01-13', end_text: '2026-01' },
  ),
  visit.record(
    'datatypes.html#dateTime',
    'no readable time',
    { period: { start: 'soon' } },
    { start_text: 'soon' },
    { defects: ['start_ts'] },
  ),
  visit.record(
    'encounter.html#Encounter.participant',
    'the primary performer, not the mother',
    {
      participant: [
        { type: coded('PPRF'), individual: { reference: 'RelatedPerson/1', display: 'Mother' } },
        { type: coded('ATND'), individual: { reference: 'Practitioner/1', display: 'Dr. A' } },
        { type: coded('PPRF'), individual: { reference: 'Practitioner/2', display: 'Dr. P' } },
      ],
    },
    { practitioner: 'Dr. P' },
  ),
  visit.record(
    'datatypes.html#Period',
    'an end that cannot be read leaves the start',
    { period: { start: '2026-01-13T00:30:00+09:00', end: 7 } },
    {
      ...{ date: '2026-01-13', start_ts: '2026-01-13T00:30:00+09:00' },
      start_text: '2026-01-13T00:30:00+09:00',
    },
    { defects: ['period.end'] },
  ),
  ...(
    [
      ['a patient', { reference: 'Patient/p1', display: 'Ada Example' }],
      ['what is a patient by its type', { type: 'Patient', display: 'Ada Example' }],
      ['a group', { reference: 'Group/1', display: 'Group 1' }],
    ] as const
  ).map(([name, individual]) =>
    visit.record(
      'encounter.html#Encounter.participant',
      `${name} is no practitioner`,
      { participant: [{ individual }] },
      {},
    ),
  ),
  ...(
    [
      ['words alone', { display: 'Dr. A' }],
      ['a role', { reference: 'PractitionerRole/1', display: 'Dr. A' }],
    ] as const
  ).map(([name, individual]) =>
    visit.record(
      'encounter.html#Encounter.participant',
      `a practitioner by ${name}`,
      { participant: [{ individual }] },
      { practitioner: 'Dr. A' },
    ),
  ),
  visit.record(
    'R5 encounter.html#Encounter.participant',
    'an actor who is the patient is no practitioner',
    {
      status: 'completed',
      participant: [
        { actor: { reference: 'Patient/p1', display: 'Ada Example' } },
        { actor: { display: 'Ada Example' } },
        { actor: { reference: 'Practitioner/1', display: 'Dr. A' } },
      ],
    },
    { practitioner: 'Dr. A' },
  ),
  visit.rejected(
    'R5 encounter.html#Encounter.reason',
    'a modifier of a reason',
    {
      reason: [
        { value: [{ concept: { text: 'Fever' } }], modifierExtension: [{ url: 'urn:not' }] },
      ],
    },
    'modifier',
    '/reason/0/modifierExtension',
  ),
  visit.rejected(
    'extensibility.html#modifierExtension',
    'of a participant',
    { participant: [{ modifierExtension: [{ url: 'urn:not' }] }] },
    'modifier',
    '/participant/0/modifierExtension',
  ),
  visit.record(
    'datatypes.html#CodeableConcept',
    'SNOMED CT before local, text as written',
    {
      type: [
        {
          coding: [
            { system: 'urn:local', code: 'x', display: 'Local' },
            { system: 'http://snomed.info/sct', code: '185345009' },
          ],
          text: 'Visit  for symptom',
        },
      ],
    },
    {
      ...{ type_code: '185345009', type_system: 'http://snomed.info/sct' },
      type_text: 'Visit  for symptom',
    },
  ),
  visit.record(
    'R5 encounter.html#Encounter.status',
    'completed is what R4 calls finished',
    { status: 'completed' },
    {},
  ),
  visit.record(
    'R5 encounter.html#Encounter.status',
    'on-hold is what R4 calls onleave',
    { status: 'on-hold' },
    { status: 'onleave' },
  ),
  visit.record(
    'R5 encounter.html',
    'elements by the names of R5',
    {
      status: 'discharged',
      class: [{ coding: [{ code: 'AMB' }] }],
      actualPeriod: { start: '2026-01-13' },
      participant: [{ actor: { reference: 'Practitioner/1', display: 'Dr. A' } }],
      reason: [{ value: [{ concept: { text: 'Fever' } }] }],
      serviceType: [{ concept: { text: 'Cardiology' } }],
    },
    {
      ...{ status: 'discharged', class_code: 'AMB', date: '2026-01-13', start_text: '2026-01-13' },
      ...{ practitioner: 'Dr. A', reason: 'Fever', department: 'Cardiology' },
    },
  ),
];

const bookings: readonly Case[] = [
  booking.record('appointment.html#Appointment.start', 'proposed: no date yet', {}, {}),
  booking.record(
    'appointment.html#Appointment.status',
    'entered-in-error',
    { status: 'entered-in-error' },
    { status: 'entered-in-error' },
    { state: 'retracted' },
  ),
  booking.record(
    'appointment.html#Appointment.status',
    'cancelled is a state of the booking, not of the record',
    { status: 'cancelled' },
    { status: 'cancelled' },
  ),
  booking.several(
    'appointment.html#Appointment.participant',
    'several patients: one record each',
    { participant: ['p1', 'p2'].map((id) => ({ actor: { reference: `Patient/${id}` } })) },
    [
      ...['p1', 'p2'].map((id) => ({
        state: 'active',
        record: {
          ...bookingRecord,
          ...{ appointment_id: `ehr:Appointment:a1~${id}`, source_id: `a1~${id}` },
          patient_id: `ehr:Patient:${id}`,
        },
      })),
      {
        says: {
          'ehr:Patient:p1': 'ehr:Appointment:a1~p1',
          'ehr:Patient:p2': 'ehr:Appointment:a1~p2',
        },
        of: [],
      },
    ],
  ),
  booking.record(
    'appointment.html#Appointment.participant',
    'a patient named twice is one',
    { participant: ['p1', 'p1'].map((id) => ({ actor: { reference: `Patient/${id}` } })) },
    {},
  ),
  booking.record(
    'appointment.html#Appointment.participant',
    'a practitioner who declined does not come',
    {
      participant: [
        { actor: { reference: 'Patient/p1' } },
        { actor: { reference: 'Practitioner/1', display: 'Dr. No' }, status: 'declined' },
        { actor: { reference: 'Practitioner/2', display: 'Dr. Yes' }, status: 'accepted' },
      ],
    },
    { practitioner: 'Dr. Yes' },
  ),
  booking.record(
    'appointment.html#Appointment.participant.status',
    'a patient who declined beside one who comes',
    {
      participant: [
        { actor: { reference: 'Patient/p1' }, status: 'accepted' },
        { actor: { reference: 'Patient/p2' }, status: 'declined' },
      ],
    },
    { patient_id: 'ehr:Patient:p1' },
  ),
  booking.rejected(
    'appointment.html#Appointment.participant',
    'nobody who is a patient for certain',
    { participant: [{ actor: { reference: 'urn:uuid:1' } }] },
    'subject',
    '/participant',
  ),
  booking.record(
    'references.html#Reference.type',
    'a UUID that says it is a patient',
    { participant: [{ actor: { reference: 'urn:uuid:p1', type: 'Patient' } }] },
    {},
  ),
];

export const visitCases: readonly Case[] = [...references, ...visits, ...bookings];
