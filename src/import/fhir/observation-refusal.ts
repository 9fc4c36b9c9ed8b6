/** Why a laboratory Observation of a patient is not taken: its value is another's, or nobody can tell what it is. */
import type { Observation } from 'fhir/r4.js';
import { specimenOf } from './collected.js';
import { isKnownValue, valueNames } from './lab-value.js';
import { statusOf } from './lab-results-fields.js';
import { type Rejected, rejected, withoutStatus } from './mapping.js';
import { type Holder, targetOf } from './reference.js';

export function holderOf({ id = '', contained }: Observation): Holder {
  return { sourceType: 'Observation', sourceId: id, contained };
}

export function refusalOf(observation: Observation): Rejected | undefined {
  if (statusOf(observation) === null) return withoutStatus('lab_results');
  return ofAnother(observation) ?? unclearValue(observation);
}

// FHIR R4 extension observation-focusCode: a donor or a fetus that is no resource of its own.
const focusCode = 'http://hl7.org/fhir/StructureDefinition/observation-focusCode';
const reason = "must be absent: the value is not the patient's own";

/** @see FHIR R4 observation.html, Observation.focus; specimen.html, Specimen.subject */
function ofAnother(observation: Observation): Rejected | undefined {
  const { focus = [], extension = [], subject } = observation;
  const refuse = (pointer: string) => rejected('lab_results', 'subject', pointer, reason);
  if (focus.length > 0) return refuse('/focus');
  if (extension.some(({ url }) => url === focusCode)) return refuse('/extension');
  const holder = holderOf(observation);
  const donor = targetOf(specimenOf(observation)?.subject, 'Patient', holder);
  if (donor === undefined) return undefined;
  const patient = targetOf(subject, 'Patient', holder);
  return donor.type === patient?.type && donor.id === patient.id
    ? undefined
    : rejected('lab_results', 'subject', '/contained', 'must be a specimen of the same patient');
}

/** @see FHIR R4 observation.html, Observation.value[x] and constraint obs-6 */
function unclearValue(observation: Observation): Rejected | undefined {
  const { component = [] } = observation;
  const parts = component.map((part, index) => [`/component/${index}`, part] as const);
  for (const [pointer, holder] of [['', observation] as const, ...parts]) {
    const refuse = (why: string) => rejected('lab_results', 'structure', pointer, why);
    const [name, ...others] = valueNames(holder);
    if (others.length > 0) return refuse('must have one value[x] only');
    if (name === undefined) continue;
    if (!isKnownValue(name))
      return refuse('must have no value[x] that FHIR R4 Observation has not');
    if (holder.dataAbsentReason !== undefined) {
      return refuse('must not have both a value and a reason for its absence');
    }
  }
  return undefined;
}
