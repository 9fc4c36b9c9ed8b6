/** FHIR R4 Encounter → appointments: a visit that took place, is under way or is planned. */
import type { Encounter } from 'fhir/r4.js';
import { encounterFields, visitRecord } from './appointments-fields.js';
import {
  createContentOf,
  type Mapping,
  type MappingContext,
  ofNoPatient,
  type ResourceFields,
  unreadable,
  withoutStatus,
} from './mapping.js';
import { encounterOfR5 } from './r5.js';
import { readLink } from './reference.js';
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
import { textOrNull } from './text.js';

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
  const fitted = fit(encounterOfR5(resource));
  if (fitted.kind === 'rejected') return [unreadable('appointments', fitted)];
  const { resource: encounter, defects } = fitted;
  if (textOrNull(encounter.status) === null) return [withoutStatus('appointments')];
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
  return [visitRecord({ view, status, content: contentOf(view), refersTo, defects: found })];
}
