/** FHIR R4 and R5 Encounter (a visit) and Appointment (a booking, one record for each of its patients) → appointments. */
import type { Appointment, Encounter } from 'fhir/r4.js';
import {
  appointmentFields,
  encounterFields,
  patientsOf,
  visitRecord,
} from './appointments-fields.js';
import { recordId } from '../../contract/record-id.js';
import { keptAsWritten, readLink, type Target, versionOf } from './identity.js';
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
} from './mapping.js';
import {
  backbone,
  classCoding,
  common,
  concept,
  concepts,
  createFit,
  list,
  period,
  reference,
  text,
} from './shape.js';
import { statusError } from './statuses.js';

const encounterContent = createContentOf(encounterFields);
const fitEncounter = createFit<Encounter>(
  {
    ...common,
    status: text,
    class: classCoding,
    type: concepts,
    serviceType: concept,
    subject: reference,
    appointment: list(reference),
    participant: list(backbone({ type: concepts, individual: reference })),
    period,
    reasonCode: concepts,
    // Of R5; its concepts are read as reasonCode.
    reason: list(backbone({})),
    reasonReference: list(reference),
    location: list(backbone({ location: reference, status: text })),
    serviceProvider: reference,
  },
  ['id', 'meta', 'status', 'subject'],
);

export function mapEncounter(
  resource: ResourceFields,
  context: MappingContext,
): readonly Mapping[] {
  const fitted = fitEncounter(encounterOfR5(resource));
  if (fitted.kind === 'rejected') return [unreadable('appointments', fitted)];
  const { resource: encounter, defects } = fitted;
  const error = statusError('appointments', 'Encounter', encounter.status);
  if (error !== undefined) return [error];
  const { source } = context;
  const { id: sourceId = '', meta, subject, contained } = encounter;
  const own = { source, sourceType: 'Encounter', sourceId, meta, contained };
  const patient = readLink(
    { field: 'patient_id', reference: subject, type: 'Patient' },
    source,
    own,
  );
  if (patient.id === null) return [ofNoPatient('appointments', '/subject')];
  const reference = encounter.appointment?.[0];
  const booking = readLink({ field: 'booking_id', reference, type: 'Appointment' }, source, own);
  const view = { ...own, encounter, patientId: patient.id, booking, context };
  const found = [...defects, ...patient.defects, ...booking.defects];
  const { status } = encounter;
  const refersTo = booking.id ?? undefined;
  return [visitRecord({ view, status, content: encounterContent(view), refersTo, defects: found })];
}

const appointmentContent = createContentOf(appointmentFields);
const fitAppointment = createFit<Appointment>(
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
  const fitted = fitAppointment(appointmentOfR5(resource));
  if (fitted.kind === 'rejected') return [unreadable('appointments', fitted)];
  const { resource: appointment, defects } = fitted;
  const error = statusError('appointments', 'Appointment', appointment.status);
  if (error !== undefined) return [error];
  const { patients, declined } = patientsOf(appointment);
  if (patients.length === 0) {
    return declined
      ? declinedBooking(appointment, context)
      : [ofNoPatient('appointments', '/participant')];
  }
  const isGroup = patients.length > 1;
  const records = patients.map((patient) =>
    bookingRecord(appointment, patient, isGroup, defects, context),
  );
  return isGroup ? [...records, factOfGroup(appointment, records, context)] : records;
}

/** @see FHIR R4 appointment.html, Appointment.participant.status: it is booked for nobody any more */
function declinedBooking(
  { id = '', meta }: Appointment,
  { source }: MappingContext,
): readonly Mapping[] {
  const end: MappedFact = {
    kind: 'fact',
    collection: 'appointments',
    id: recordId(source, 'Appointment', id),
    about: [],
    fields: {},
    endsOlder: true,
    ...versionOf(meta),
  };
  return [{ kind: 'skipped', type: 'Appointment (declined by the patient)' }, end];
}

/** Which record is whose: an Encounter names the Appointment only. */
function factOfGroup(
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

function bookingRecord(
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
  return visitRecord({
    view,
    status,
    content: appointmentContent(view),
    defects: [...defects, ...kept],
  });
}

/** @see FHIR R5 encounter.html, R4 Conversion: codes that were renamed; those that are new stay as they are */
const renamedStatuses: Readonly<Record<string, string | undefined>> = {
  completed: 'finished',
  'on-hold': 'onleave',
};

function encounterOfR5(resource: ResourceFields): ResourceFields {
  if (!isEncounterOfR5(resource)) return resource;
  const { class: classes, actualPeriod, reason, participant, serviceType, status } = resource;
  return {
    ...resource,
    ...(Array.isArray(classes) && { class: firstOf(get(classes[0], 'coding')) }),
    ...(actualPeriod !== undefined && { period: actualPeriod }),
    ...(reason !== undefined && { reasonCode: conceptsOf(entries(reason, 'value')) }),
    ...(Array.isArray(serviceType) && { serviceType: get(serviceType[0], 'concept') }),
    ...(Array.isArray(participant) && { participant: participant.map(withIndividual) }),
    ...(typeof status === 'string' && { status: renamedStatuses[status] ?? status }),
  };
}

function appointmentOfR5(resource: ResourceFields): ResourceFields {
  const { reason, serviceType } = resource;
  const isOfR5 = Array.isArray(serviceType) && get(serviceType[0], 'concept') !== undefined;
  if (reason === undefined && !isOfR5) return resource;
  return {
    ...resource,
    ...(reason !== undefined && { reasonCode: conceptsOf(reason) }),
    ...(isOfR5 && { serviceType: conceptsOf(serviceType) }),
  };
}

function isEncounterOfR5(resource: ResourceFields): boolean {
  const { class: classes, actualPeriod, reason, status, serviceType } = resource;
  const isRenamed = typeof status === 'string' && renamedStatuses[status] !== undefined;
  return (
    isRenamed ||
    [classes, serviceType].some((part) => Array.isArray(part)) ||
    [actualPeriod, reason].some((part) => part !== undefined)
  );
}

/** Of R5's CodeableReferences the conceptsOf; what is no list of them is left for the structure check. */
function conceptsOf(references: unknown): unknown {
  if (!Array.isArray(references)) return references;
  return references.map((each) => get(each, 'concept')).filter((each) => each !== undefined);
}

function entries(list: unknown, name: string): unknown {
  return Array.isArray(list) ? list.flatMap((each) => get(each, name) ?? []) : list;
}

function withIndividual(participant: unknown): unknown {
  const actor = get(participant, 'actor');
  return actor === undefined ? participant : { ...(participant as object), individual: actor };
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? (list as readonly unknown[])[0] : list;
}

function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
