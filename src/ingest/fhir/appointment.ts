/** FHIR R4 Appointment → appointments: a booking, one record for each of its patients. */
import type { Appointment } from 'fhir/r4.js';
import { appointmentFields, patientsOf, visitRecord } from './appointments-fields.js';
import {
  createContentOf,
  type Defect,
  type MappedFact,
  type MappedRecord,
  type Mapping,
  type MappingContext,
  ofNoPatient,
  type ResourceFields,
  unreadable,
  withoutStatus,
} from './mapping.js';
import { appointmentOfR5 } from './r5.js';
import { keptAsWritten, recordId, type Target } from './reference.js';
import { backbone, common, concept, concepts, createFit, list, reference, text } from './shape.js';
import { versionOf } from './source-fields.js';
import { textOrNull } from './text.js';

const contentOf = createContentOf(appointmentFields);
const fit = createFit<Appointment>(
  {
    ...common,
    status: text,
    serviceCategory: concepts,
    serviceType: concepts,
    specialty: concepts,
    appointmentType: concept,
    reasonCode: concepts,
    description: text,
    start: text,
    end: text,
    participant: list(backbone({ actor: reference, status: text })),
  },
  ['id', 'meta', 'status', 'participant'],
);

export function mapAppointment(
  resource: ResourceFields,
  context: MappingContext,
): readonly Mapping[] {
  const fitted = fit(appointmentOfR5(resource));
  if (fitted.kind === 'rejected') return [unreadable('appointments', fitted)];
  const { resource: appointment, defects } = fitted;
  if (textOrNull(appointment.status) === null) return [withoutStatus('appointments')];
  const patients = patientsOf(appointment);
  if (patients.length === 0) return [ofNoPatient('appointments', '/participant')];
  const isGroup = patients.length > 1;
  const records = patients.map((patient) =>
    recordOf(appointment, patient, isGroup, defects, context),
  );
  return isGroup ? [...records, factOf(appointment, records, context)] : records;
}

/** Which record is whose: an Encounter names the Appointment only. */
function factOf(
  { id = '', meta }: Appointment,
  records: readonly MappedRecord[],
  { source }: MappingContext,
): MappedFact {
  return {
    kind: 'fact',
    collection: 'appointments',
    id: recordId(source, 'Appointment', id),
    about: [],
    fields: Object.fromEntries(records.map((record) => [record.patientId, record.id])),
    ...versionOf(meta),
  };
}

function recordOf(
  appointment: Appointment,
  patient: Target,
  isGroup: boolean,
  defects: readonly Defect[],
  context: MappingContext,
): MappedRecord {
  const { source } = context;
  const { id = '', meta } = appointment;
  // `~` is no part of a FHIR id and needs no escaping in a URL.
  const sourceId = isGroup ? `${id}~${patient.id}` : id;
  const patientId = recordId(source, 'Patient', patient.id);
  const kept = patient.isResolved ? [] : [{ field: 'patient_id', rule: keptAsWritten }];
  const view = {
    appointment,
    patientId,
    context,
    source,
    sourceType: 'Appointment',
    sourceId,
    meta,
  };
  const { status } = appointment;
  return visitRecord({ view, status, content: contentOf(view), defects: [...defects, ...kept] });
}
