/** Other resources that a laboratory Observation belongs together with: its members, its Specimen. */
import type { Observation } from 'fhir/r4.js';
import { statusOf } from './lab-results-fields.js';
import type { MappedFact } from './mapping.js';
import { holderOf } from './observation-refusal.js';
import { recordId, targetOf } from './reference.js';
import { versionOf } from './source-fields.js';

/** The Specimen in a resource of its own: the id that its record would have. */
export function specimenReferredTo(observation: Observation, source: string): string | undefined {
  const target = targetOf(observation.specimen, 'Specimen', holderOf(observation));
  const isNamed = target?.isResolved === true && target.type === 'Specimen';
  return isNamed ? recordId(source, 'Specimen', target.id) : undefined;
}

/**
 * What a panel says of its members; one that was entered in error names none.
 * @see FHIR R4 observation.html, Observation.hasMember
 */
export function factsOfMembers(
  observation: Observation,
  patientId: string,
  source: string,
): readonly MappedFact[] {
  const { id: ownId = '', meta, hasMember = [] } = observation;
  if (hasMember.length === 0) return [];
  const id = recordId(source, 'Observation', ownId);
  const holder = holderOf(observation);
  const members = hasMember.flatMap((member) => {
    const target = targetOf(member, 'Observation', holder);
    const isNamed = target?.isResolved === true && target.type === 'Observation';
    return isNamed ? [recordId(source, 'Observation', target.id)] : [];
  });
  const isRetracted = statusOf(observation) === 'entered-in-error';
  const about = isRetracted ? [] : [...new Set(members)].filter((member) => member !== id).sort();
  const fact = { kind: 'fact', collection: 'lab_results', id, patientId, about } as const;
  return [{ ...fact, fields: { panel_id: id }, ...versionOf(meta) }];
}
