/** FHIR R4 Encounter and Appointment → the fields of an appointment. */
import type { Appointment, Encounter } from 'fhir/r4.js';
import { conceptText, conceptTexts, preferredCoding } from './codeable-concept.js';
import { localDay, timestamp } from './date-time.js';
import type { FieldTable, MappingContext } from './mapping.js';
import { actorOf, locationOf, practitionerOf } from './participants.js';
import { displayOf, type ReadLink } from './reference.js';
import { ownId, sourceFields, type SourceView } from './source-fields.js';
import { joined, textOrNull } from './text.js';

export interface EncounterView extends SourceView {
  readonly encounter: Encounter;
  readonly patientId: string;
  readonly booking: ReadLink;
  readonly context: MappingContext;
}

export const encounterFields: FieldTable<'appointments', EncounterView> = {
  appointment_id: { from: 'id', value: ownId },
  patient_id: { from: 'subject', value: ({ patientId }) => patientId },
  date: {
    from: 'period.start',
    value: ({ encounter, context }) => localDay(encounter.period?.start, context.dayOf),
  },
  start_ts: { from: 'period.start', value: ({ encounter }) => timestamp(encounter.period?.start) },
  end_ts: { from: 'period.end', value: ({ encounter }) => timestamp(encounter.period?.end) },
  start_text: {
    from: 'period.start',
    value: ({ encounter }) => textOrNull(encounter.period?.start),
  },
  end_text: { from: 'period.end', value: ({ encounter }) => textOrNull(encounter.period?.end) },
  status: {
    from: 'status',
    lost: 'statusHistory',
    value: ({ encounter }) => textOrNull(encounter.status),
  },
  class_code: { from: 'class.code', value: ({ encounter }) => classOf(encounter) },
  type_code: {
    from: 'type.coding.code',
    lost: 'all but the first type and its preferred coding',
    value: ({ encounter }) => textOrNull(preferredCoding(encounter.type?.[0])?.code),
  },
  type_system: {
    from: 'type.coding.system',
    value: ({ encounter }) => textOrNull(preferredCoding(encounter.type?.[0])?.system),
  },
  type_text: {
    from: 'type.text, else type.coding.display',
    value: ({ encounter }) => conceptText(encounter.type?.[0]),
  },
  reason: {
    from: 'reasonCode, else reasonReference.display',
    value: ({ encounter }) =>
      conceptTexts(encounter.reasonCode) ??
      joined((encounter.reasonReference ?? []).map(displayOf), '; '),
  },
  practitioner: {
    from: 'participant.individual.display',
    lost: 'all but one: primary performer, then attender; who is no practitioner',
    value: ({ encounter }) => displayOf(practitionerOf(encounter)),
  },
  location: {
    from: 'location.location.display',
    lost: 'all but the one that is active, or the first',
    value: ({ encounter }) => displayOf(locationOf(encounter)),
  },
  department: {
    from: 'serviceProvider.display, else serviceType',
    value: ({ encounter }) =>
      displayOf(encounter.serviceProvider) ?? conceptText(encounter.serviceType),
  },
  booking_id: {
    from: 'appointment, where that has several patients the record of this one',
    lost: 'all but the first',
    value: ({ booking }) => booking.id,
  },
  ...sourceFields,
};

export interface AppointmentView extends SourceView {
  readonly appointment: Appointment;
  readonly patientId: string;
  readonly context: MappingContext;
}

export const appointmentFields: FieldTable<'appointments', AppointmentView> = {
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
  status: { from: 'status', value: ({ appointment }) => textOrNull(appointment.status) },
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

// The types call required elements present; the structure check leaves absent ones to the contract.
function classOf({ class: encounterClass }: Partial<Encounter>): string | null {
  return textOrNull(encounterClass?.code);
}

function typeOf({ appointmentType, serviceType }: Appointment) {
  return appointmentType ?? serviceType?.[0];
}
