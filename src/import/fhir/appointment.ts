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
  rejected,
  type ResourceFields,
  unreadable,
} from './mapping.js';
import { displayOf, recordId, type Target, targetOf } from './reference.js';
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
    participant: list(backbone({ actor: reference })),
  },
  ['id', 'meta', 'status', 'participant'],
);

export function mapAppointment(
  resource: ResourceFields,
  context: MappingContext,
): readonly Mapping[] {
  const fitted = fit(resource);
  if (fitted.kind === 'rejected') return [unreadable('appointments', fitted)];
  const { resource: appointment, defects } = fitted;
  const patients = patientsOf(appointment);
  if (patients.size === 0) {
    const reason = 'must have a participant that refers to a Patient by its id';
    return [rejected('appointments', 'subject', '/participant', reason)];
  }
  return [...patients].map((patient) =>
    recordOf(appointment, patient, patients.size > 1, defects, context),
  );
}

function recordOf(
  appointment: Appointment,
  patient: string,
  isGroup: boolean,
  defects: readonly Defect[],
  context: MappingContext,
): MappedRecord {
  const { source } = context;
  const { id = '', meta } = appointment;
  // `~` is no part of a FHIR id and needs no escaping in a URL.
  const sourceId = isGroup ? `${id}~${patient}` : id;
  const patientId = recordId(source, 'Patient', patient);
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
    defects,
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
function targetOfActor({ actor }: AppointmentParticipant): Target | undefined {
  return targetOf(actor, 'unknown');
}

function patientsOf(appointment: Appointment): ReadonlySet<string> {
  const targets = participantsOf(appointment).map(targetOfActor);
  return new Set(targets.flatMap((target) => (target?.type === 'Patient' ? [target.id] : [])));
}

function typeOf({ appointmentType, serviceType }: Appointment) {
  return appointmentType ?? serviceType?.[0];
}

function actorOf(appointment: Appointment, types: readonly string[]): string | null {
  const participant = participantsOf(appointment).find((candidate) =>
    types.includes(targetOfActor(candidate)?.type ?? ''),
  );
  return displayOf(participant?.actor);
}
