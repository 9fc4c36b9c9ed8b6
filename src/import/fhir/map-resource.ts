/** Any FHIR resource → what it becomes: the one entry to the mapping. */
import type { CollectionName } from '../../contract/collections.js';
import { mapRow } from './map-row.js';
import { mapAppointment } from './appointment.js';
import { mapEncounter } from './encounter.js';
import { type Mapping, type MappingContext, rejected, type ResourceFields } from './mapping.js';
import { mapObservation } from './observation.js';
import { mapPatient } from './patient.js';
import { mapSpecimen } from './specimen.js';

interface Mapper {
  readonly collection: CollectionName;
  readonly map: (resource: ResourceFields, context: MappingContext) => readonly Mapping[];
}

const mappers = new Map<string, Mapper>([
  ['Patient', { collection: 'patients', map: mapPatient }],
  ['Encounter', { collection: 'appointments', map: mapEncounter }],
  ['Appointment', { collection: 'appointments', map: mapAppointment }],
  ['Observation', { collection: 'lab_results', map: mapObservation }],
  ['Specimen', { collection: 'lab_results', map: mapSpecimen }],
]);

const typeName = /^[A-Z][A-Za-z]{1,63}$/;

export function mapResource(resource: unknown, context: MappingContext): readonly Mapping[] {
  if (!isFields(resource)) return [notResource('', 'must be a JSON object')];
  const { resourceType, id } = resource;
  if (typeof resourceType !== 'string' || !typeName.test(resourceType)) {
    return [notResource('/resourceType', 'must name a FHIR resource type')];
  }
  if (isFields(resource.row)) return mapRow(resource, resource.row, context);
  const mapper = mappers.get(resourceType);
  if (mapper === undefined) return [{ kind: 'skipped', type: resourceType }];
  const mapped = mapper.map(resource, context);
  const isSkipped = mapped.every(({ kind }) => kind === 'skipped');
  return isSkipped || isId(id)
    ? mapped
    : [rejected(mapper.collection, 'resource', '/id', 'must be the id of the resource')];
}

/** `~` stands before what tells the records of one resource apart, and is in no id of FHIR. */
function isId(id: unknown): boolean {
  return typeof id === 'string' && id !== '' && !id.includes('~');
}

function isFields(value: unknown): value is ResourceFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notResource(pointer: string, reason: string): Mapping {
  return { kind: 'rejected', rule: 'resource', pointer, reason };
}
