/** FHIR R4 Specimen as a resource of its own → what it says of the results that refer to it. */
import type { Observation, Period, Specimen } from 'fhir/r4.js';
import { joined, textOrNull, timestamp } from './data-types.js';
import { recordId } from '../../contract/record-id.js';
import { targetOf, versionOf } from './identity.js';
import { type Mapping, type MappingContext, type ResourceFields, unreadable } from './mapping.js';
import { common, createFit, specimenShapes } from './shape.js';

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
    // Whether an unresolved subject is the same patient as the result's is unknown.
    ...(patient?.isResolved === true && { patientId: recordId(source, patient.type, patient.id) }),
  };
}

export interface Collected {
  readonly time: string | null;
  readonly written: string | null;
}

export function collectedOf(observation: Observation): Collected {
  const taken = takenAt(specimenOf(observation));
  if (taken !== undefined) return taken;
  const { effectiveDateTime, effectiveInstant, effectivePeriod, effectiveTiming } = observation;
  if (effectivePeriod !== undefined) return within(effectivePeriod);
  const [event, ...others] = effectiveTiming?.event ?? [];
  return at(effectiveDateTime ?? effectiveInstant ?? (others.length === 0 ? event : undefined));
}

/** Nothing when the Specimen does not say it. */
function takenAt(specimen: Specimen | undefined): Collected | undefined {
  const { collectedDateTime, collectedPeriod } = specimen?.collection ?? {};
  if (collectedDateTime !== undefined) return at(collectedDateTime);
  return collectedPeriod === undefined ? undefined : within(collectedPeriod);
}

export function specimenText(observation: Observation): string | null {
  return textOrNull(observation.specimen?.display) ?? specimenType(specimenOf(observation));
}

function specimenType(specimen: Specimen | undefined): string | null {
  const { text, coding } = specimen?.type ?? {};
  return textOrNull(text ?? coding?.[0]?.display);
}

function at(written: string | null | undefined): Collected {
  return { time: timestamp(written ?? undefined), written: textOrNull(written) };
}

function within({ start, end }: Period): Collected {
  const isEmpty = joined([start, end], '') === null;
  return { time: timestamp(start), written: isEmpty ? null : `${start ?? ''}/${end ?? ''}` };
}

/** The contained Specimen, unless it was entered in error (FHIR R4 specimen.html, status). */
export function specimenOf({ contained, specimen }: Observation): Specimen | undefined {
  const reference = specimen?.reference;
  if (contained === undefined || reference?.startsWith('#') !== true) return undefined;
  return contained.find(
    (resource): resource is Specimen =>
      resource.resourceType === 'Specimen' &&
      `#${resource.id ?? ''}` === reference &&
      (resource as Specimen).status !== 'entered-in-error',
  );
}
