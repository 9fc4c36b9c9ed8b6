/** FHIR R5 names of what R4 has too: an Encounter or Appointment of R5 is read through the names of R4. */
import type { ResourceFields } from './mapping.js';

/** @see FHIR R5 encounter.html, R4 Conversion: codes that were renamed; those that are new stay as they are */
const renamedStatuses: Readonly<Record<string, string | undefined>> = {
  completed: 'finished',
  'on-hold': 'onleave',
};

export function encounterOfR5(resource: ResourceFields): ResourceFields {
  if (!isEncounterOfR5(resource)) return resource;
  const { class: classes, actualPeriod, reason, participant, serviceType, status } = resource;
  return {
    ...resource,
    ...(Array.isArray(classes) && { class: firstOf(get(classes[0], 'coding')) }),
    ...(actualPeriod !== undefined && { period: actualPeriod }),
    ...(reason !== undefined && { reasonCode: concepts(entries(reason, 'value')) }),
    ...(Array.isArray(serviceType) && { serviceType: get(serviceType[0], 'concept') }),
    ...(Array.isArray(participant) && { participant: participant.map(withIndividual) }),
    ...(typeof status === 'string' && { status: renamedStatuses[status] ?? status }),
  };
}

export function appointmentOfR5(resource: ResourceFields): ResourceFields {
  const { reason, serviceType } = resource;
  const isOfR5 = Array.isArray(serviceType) && get(serviceType[0], 'concept') !== undefined;
  if (reason === undefined && !isOfR5) return resource;
  return {
    ...resource,
    ...(reason !== undefined && { reasonCode: concepts(reason) }),
    ...(isOfR5 && { serviceType: concepts(serviceType) }),
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

/** Of R5's CodeableReferences the concepts; what is no list of them is left for the structure check. */
function concepts(references: unknown): unknown {
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
