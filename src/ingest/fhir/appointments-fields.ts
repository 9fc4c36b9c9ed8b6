/** FHIR R4 Encounter and Appointment → the fields of an appointment. */
import type { Appointment, AppointmentParticipant, Encounter, Reference } from 'fhir/r4.js';
import type { ContentOf } from '../../contract/collections.js';
import {
  best,
  conceptText,
  conceptTexts,
  joined,
  localDay,
  preferredCoding,
  textOrNull,
  timestamp,
} from './data-types.js';
import {
  displayOf,
  ownId,
  type ReadLink,
  sourceFields,
  type SourceView,
  type Target,
  targetOf,
  typeMeant,
  versionOf,
} from './identity.js';
import type { Defect, FieldTable, MappedRecord, MappingContext } from './mapping.js';

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

const rankOfParticipation = new Map<string | undefined, number>([
  ['PPRF', 0],
  ['ATND', 1],
]);
const otherParticipation = 2;
const practitioners: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole']);

/** @see FHIR R4 encounter.html, Encounter.participant.type, value set encounter-participant-type */
function practitionerOf({
  id: sourceId = '',
  participant,
  contained,
}: Encounter): Reference | undefined {
  const holder = { sourceType: 'Encounter', sourceId, contained };
  return best(participant, (entry) => {
    const { type, individual } = entry;
    if (individual === undefined) return undefined;
    // An actor of R5 may be the patient, too.
    const expected = 'actor' in entry ? 'unknown' : 'Practitioner';
    if (!practitioners.has(typeMeant(individual, expected, holder))) return undefined;
    const codes = (type ?? []).flatMap(({ coding }) => coding ?? []).map(({ code }) => code);
    return Math.min(
      otherParticipation,
      ...codes.map((code) => rankOfParticipation.get(code) ?? otherParticipation),
    );
  })?.individual;
}

function locationOf({ location }: Encounter): Reference | undefined {
  return best(location, ({ status }) => (status === 'active' ? 0 : 1))?.location;
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

/** The patients whom it is booked for, and whether there are others, who declined. */
export function patientsOf(appointment: Appointment) {
  const all = participantsOf(appointment).flatMap((participant) => {
    const target = targetOfActor(participant, appointment);
    return target?.type === 'Patient' ? [{ target, status: participant.status }] : [];
  });
  const coming = all.filter(({ status }) => status !== 'declined');
  const patients = [...new Map(coming.map(({ target }) => [target.id, target])).values()];
  return { patients, declined: coming.length < all.length };
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

interface Visit {
  readonly view: SourceView & { readonly patientId: string };
  readonly status: string | undefined;
  readonly content: ContentOf<'appointments'>;
  /** The booking that it names: its record id, whichever record of it is the patient's. */
  readonly refersTo?: string | undefined;
  readonly defects: readonly Defect[];
}

export function visitRecord({ view, status, content, refersTo, defects }: Visit): MappedRecord {
  return {
    kind: 'record',
    collection: 'appointments',
    id: ownId(view),
    patientId: view.patientId,
    recordState: textOrNull(status) === 'entered-in-error' ? 'retracted' : 'active',
    content,
    defects,
    ...versionOf(view.meta),
    ...(refersTo !== undefined && { refersTo }),
  };
}
