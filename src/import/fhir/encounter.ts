/** FHIR R4 Encounter → appointments: a visit that took place, is under way or is planned. */
import type { Encounter, Reference } from 'fhir/r4.js';
import { conceptText, conceptTexts, preferredCoding } from './codeable-concept.js';
import { localDay, timestamp } from './date-time.js';
import {
  createContentOf,
  type FieldTable,
  type Mapping,
  type MappingContext,
  ofNoPatient,
  type ResourceFields,
  unreadable,
  withoutStatus,
} from './mapping.js';
import { best } from './rank.js';
import { encounterOfR5 } from './r5.js';
import { displayOf, type ReadLink, readLink, targetOf } from './reference.js';
import { backbone, createFit, list, text } from './shape.js';
import { classCoding, common, concept, concepts, period, reference } from './shapes.js';
import { ownId, sourceFields, type SourceView, versionOf } from './source-fields.js';
import { joined, textOrNull } from './text.js';

interface EncounterView extends SourceView {
  readonly encounter: Encounter;
  readonly patientId: string;
  readonly booking: ReadLink;
  readonly context: MappingContext;
}

const encounterFields: FieldTable<'appointments', EncounterView> = {
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
  status: { from: 'status', lost: 'statusHistory', value: ({ encounter }) => statusOf(encounter) },
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
    lost: 'all but one: primary performer, then attender',
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
    from: 'appointment',
    lost: 'all but the first',
    value: ({ booking }) => booking.id,
  },
  ...sourceFields,
};

const contentOf = createContentOf(encounterFields);
const fit = createFit<Encounter>(
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
  const fitted = fit(encounterOfR5(resource));
  if (fitted.kind === 'rejected') return [unreadable('appointments', fitted)];
  const { resource: encounter, defects } = fitted;
  if (statusOf(encounter) === null) return [withoutStatus('appointments')];
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
  return [
    {
      kind: 'record',
      collection: 'appointments',
      id: ownId(view),
      patientId: patient.id,
      recordState: statusOf(encounter) === 'entered-in-error' ? 'retracted' : 'active',
      content: contentOf(view),
      defects: [...defects, ...patient.defects, ...booking.defects],
      ...versionOf(meta),
    },
  ];
}

// The types call the required elements present; the structure check leaves absent ones to the contract.
function statusOf({ status }: Partial<Encounter>): string | null {
  return textOrNull(status);
}

function classOf({ class: encounterClass }: Partial<Encounter>): string | null {
  return textOrNull(encounterClass?.code);
}

const rankOfParticipation = new Map<string | undefined, number>([
  ['PPRF', 0],
  ['ATND', 1],
]);
const otherParticipation = 2;

/** @see FHIR R4 encounter.html, Encounter.participant.type, value set encounter-participant-type */
function practitionerOf({
  id: sourceId = '',
  participant,
  contained,
}: Encounter): Reference | undefined {
  const holder = { sourceType: 'Encounter', sourceId, contained };
  return best(participant, ({ type, individual }) => {
    if (individual === undefined) return undefined;
    const target = targetOf(individual, 'Practitioner', holder);
    if (target?.type === 'RelatedPerson') return undefined;
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
