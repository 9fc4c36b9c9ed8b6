/** Who takes part in a visit or a booking, and where it takes place. */
import type { Appointment, AppointmentParticipant, Encounter, Reference } from 'fhir/r4.js';
import { best } from './rank.js';
import { displayOf, type Target, targetOf, typeMeant } from './reference.js';

const rankOfParticipation = new Map<string | undefined, number>([
  ['PPRF', 0],
  ['ATND', 1],
]);
const otherParticipation = 2;
const practitioners: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole']);

/** @see FHIR R4 encounter.html, Encounter.participant.type, value set encounter-participant-type */
export function practitionerOf({
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

export function locationOf({ location }: Encounter): Reference | undefined {
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

export function patientsOf(appointment: Appointment): readonly Target[] {
  const targets = participantsOf(appointment).flatMap(
    (participant) => targetOfActor(participant, appointment) ?? [],
  );
  const patients = targets.filter(({ type }) => type === 'Patient');
  return [...new Map(patients.map((patient) => [patient.id, patient])).values()];
}

/** @see FHIR R4 appointment.html, Appointment.participant.status: one who declined does not come */
export function actorOf(appointment: Appointment, types: readonly string[]): string | null {
  const participant = participantsOf(appointment).find(
    (candidate) =>
      candidate.status !== 'declined' &&
      types.includes(targetOfActor(candidate, appointment)?.type ?? ''),
  );
  return displayOf(participant?.actor);
}
