/** FHIR R4 Specimen that stands by itself → what it says of the results that refer to it. */
import type { Specimen } from 'fhir/r4.js';
import { specimenType, takenAt } from './collected.js';
import { type Mapping, type MappingContext, type ResourceFields, unreadable } from './mapping.js';
import { recordId, targetOf } from './reference.js';
import { createFit } from './shape.js';
import { common, specimenShapes } from './shapes.js';
import { versionOf } from './source-fields.js';

const fit = createFit<Specimen>({ ...common, ...specimenShapes }, [
  'id',
  'meta',
  'status',
  'subject',
]);

/** It is no record; one without an id can be referred to by none. */
export function mapSpecimen(
  resource: ResourceFields,
  { source }: MappingContext,
): readonly Mapping[] {
  const fitted = fit(resource);
  if (fitted.kind === 'rejected') return [unreadable('lab_results', fitted)];
  const { id: ownId, meta, status } = fitted.resource;
  const skipped: Mapping = { kind: 'skipped', type: 'Specimen' };
  if (ownId === undefined) return [skipped];
  const isMistaken = status === 'entered-in-error';
  const fact = {
    kind: 'fact',
    collection: 'lab_results',
    id: recordId(source, 'Specimen', ownId),
    about: [],
    ...(isMistaken ? { fields: {} } : saidOf(fitted.resource, source)),
    ...versionOf(meta),
  } as const;
  return [skipped, fact];
}

function saidOf(specimen: Specimen, source: string) {
  const { id: sourceId = '', contained, subject } = specimen;
  const patient = targetOf(subject, 'Patient', { sourceType: 'Specimen', sourceId, contained });
  const taken = takenAt(specimen);
  const stated = Object.entries({
    specimen: specimenType(specimen),
    collected_ts: taken?.time ?? null,
    collected_text: taken?.written ?? null,
  }).filter((entry): entry is [string, string] => entry[1] !== null);
  return {
    fields: Object.fromEntries(stated),
    // Whether an unresolved subject is the same patient as the result's cannot be told.
    ...(patient?.isResolved === true && { patientId: recordId(source, patient.type, patient.id) }),
  };
}
