/** Any FHIR resource → what it becomes: the one entry to the mapping. */
import type { CollectionName } from '../../contract/collections.js';
import { mapAppointment, mapEncounter } from './appointments.js';
import { recordId } from '../../contract/record-id.js';
import { versionOf } from './identity.js';
import { mapRow } from './map-row.js';
import { type Mapping, type MappingContext, rejected, type ResourceFields } from './mapping.js';
import { mapObservation } from './observation.js';
import { mapPatient } from './patients.js';
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
  if (isId(id)) return withEnd(mapped, { resource, resourceType, id, context, mapper });
  const isSkipped = mapped.every(({ kind }) => kind === 'skipped');
  return isSkipped
    ? mapped
    : [rejected(mapper.collection, 'resource', '/id', 'must be the id of the resource')];
}

interface Identified {
  readonly resource: ResourceFields;
  readonly resourceType: string;
  readonly id: string;
  readonly context: MappingContext;
  readonly mapper: Mapper;
}

/**
 * A version that says it was entered in error, or is of somebody else, ends what its older versions became, even where
 * it cannot be read any further.
 * @see FHIR R4 observation.html, Observation.status
 */
function withEnd(mapped: readonly Mapping[], identified: Identified): readonly Mapping[] {
  const { resource, resourceType, id, context, mapper } = identified;
  const isWithdrawn = resource.status === 'entered-in-error';
  const isOfAnother = mapped.some((one) => one.kind === 'rejected' && one.rule === 'subject');
  const isMade = mapped.some(({ kind }) => kind === 'record' || kind === 'fact');
  if (isMade || !(isWithdrawn || isOfAnother)) return mapped;
  const { collection } = mapper;
  const end: Mapping = {
    ...{ kind: 'fact', collection, id: recordId(context.source, resourceType, id) },
    ...{ about: [], fields: {}, endsOlder: true },
    ...versionOf(isFields(resource.meta) ? resource.meta : undefined),
  };
  return isWithdrawn
    ? [{ kind: 'skipped', type: `${resourceType} (entered in error)` }, end]
    : [...mapped, end];
}

/** `~` comes before what tells the records of one resource apart, and is in no id of FHIR. */
function isId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && !id.includes('~');
}

function isFields(value: unknown): value is ResourceFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notResource(pointer: string, reason: string): Mapping {
  return { kind: 'rejected', rule: 'resource', pointer, reason };
}
