/** FHIR R4 Appointment → appointments: a booking, one record for each of its patients. */
import type { Appointment, AppointmentParticipant } from 'fhir/r4.js';
import { conceptText, conceptTexts, preferredCoding } from './codeable-concept.js';
import { localDay, timestamp } from './date-time.js';
import {
  createContentOf,
  type Defect,
  type FieldTable,
  type MappedRecord,
  type Mapping,
  type MappingContext,
  ofNoPatient,
  type ResourceFields,
  unreadable,
  withoutStatus,
} from './mapping.js';
import { appointmentOfR5 } from './r5.js';
import { displayOf, keptAsWritten, recordId, type Target, targetOf } from './reference.js';
import { backbone, createFit, list, text } from './shape.js';
import { common, concept, concepts, reference } from './shapes.js';
import { ownId, sourceFields, type SourceView, versionOf } from './source-fields.js';
import { textOrNull } from './text.js';

interface AppointmentView extends SourceView {
  readonly appointment: Appointment;
  readonly patientId: string;
  readonly context: MappingContext;
}

const appointmentFields: FieldTable<'appointments', AppointmentView> = {
  appointment_id: { from: 'id, with several patients also participant', value: ownId },
  patient_id: { from: 'participant.actor', value: ({ patientId }) => patientId },
  date: {
    from: 'start',
    value: ({ appointment, context }) => localDay(appointment.start, context.dayOf),
  },
  start_ts: { from: 'start', value: ({ appointment }) => timestamp(appointment.start) },
  end_ts: { from: 'end', value: ({ appointment }) => timestamp(appointment.end) },
  start_text: { from: 'start', value: ({ appointment }) => textOrNull(appointment.start) },
  end_text: { from: 'end', value: ({ appointment }) => textOrNull(appointment.end) },
  status: { from: 'status', value: ({ appointment }) => statusOf(appointment) },
  class_code: { from: '(none)', value: () => null },
  type_code: {
    from: 'appointmentType, else serviceType',
    lost: 'all but one and its preferred coding',
    value: ({ appointment }) => textOrNull(preferredCoding(typeOf(appointment))?.code),
  },
  type_system: {
    from: 'appointmentType, else serviceType',
    value: ({ appointment }) => textOrNull(preferredCoding(typeOf(appointment))?.system),
  },
  type_text: {
    from: 'appointmentType, else serviceType',
    value: ({ appointment }) => conceptText(typeOf(appointment)),
  },
  reason: {
    from: 'reasonCode, else description',
    value: ({ appointment }) =>
      conceptTexts(appointment.reasonCode) ?? textOrNull(appointment.description),
  },
  practitioner: {
    from: 'participant.actor.display (Practitioner, PractitionerRole)',
    lost: 'all but the first',
    value: ({ appointment }) => actorOf(appointment, ['Practitioner', 'PractitionerRole']),
  },
  location: {
    from: 'participant.actor.display (Location)',
    lost: 'all but the first',
    value: ({ appointment }) => actorOf(appointment, ['Location']),
  },
  department: {
    from: 'specialty, else serviceCategory',
    lost: 'all but the first',
    value: ({ appointment }) =>
      conceptText(appointment.specialty?.[0]) ?? conceptText(appointment.serviceCategory?.[0]),
  },
  booking_id: { from: '(none: it is the booking)', value: () => null },
  ...sourceFields,
};

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
  if (statusOf(appointment) === null) return [withoutStatus('appointments')];
  const patients = patientsOf(appointment);
  if (patients.length === 0) return [ofNoPatient('appointments', '/participant')];
  return [...patients].map((patient) =>
    recordOf(appointment, patient, patients.length > 1, defects, context),
  );
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
  return {
    kind: 'record',
    collection: 'appointments',
    id: ownId(view),
    patientId,
    recordState: statusOf(appointment) === 'entered-in-error' ? 'retracted' : 'active',
    content: contentOf(view),
    defects: [...defects, ...kept],
    ...versionOf(meta),
  };
}

// The types call the required elements present; the structure check leaves absent ones to the contract.
function statusOf({ status }: Partial<Appointment>): string | null {
  return textOrNull(status);
}

function participantsOf({ participant }: Partial<Appointment>): readonly AppointmentParticipant[] {
  return participant ?? [];
}

/** A `urn:` that does not say what it means may be any actor, so it is not taken for a patient. */
function targetOfActor(
  { actor }: AppointmentParticipant,
  { id: sourceId = '', contained }: Appointment,
): Target | undefined {
  return targetOf(actor, 'unknown', { sourceType: 'Appointment', sourceId, contained });
}

function patientsOf(appointment: Appointment): readonly Target[] {
  const targets = participantsOf(appointment).flatMap(
    (participant) => targetOfActor(participant, appointment) ?? [],
  );
  const patients = targets.filter(({ type }) => type === 'Patient');
  return [...new Map(patients.map((patient) => [patient.id, patient])).values()];
}

function typeOf({ appointmentType, serviceType }: Appointment) {
  return appointmentType ?? serviceType?.[0];
}

/** @see FHIR R4 appointment.html, Appointment.participant.status: one who declined does not come */
function actorOf(appointment: Appointment, types: readonly string[]): string | null {
  const participant = participantsOf(appointment).find(
    (candidate) =>
      candidate.status !== 'declined' &&
      types.includes(targetOfActor(candidate, appointment)?.type ?? ''),
  );
  return displayOf(participant?.actor);
}
