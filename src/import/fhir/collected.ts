/** When a specimen was taken: the Specimen's own word where the resource contains it, else `effective[x]`. */
import type { Observation, Period, Specimen } from 'fhir/r4.js';
import { timestamp } from './date-time.js';
import { joined, textOrNull } from './text.js';

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
export function takenAt(specimen: Specimen | undefined): Collected | undefined {
  const { collectedDateTime, collectedPeriod } = specimen?.collection ?? {};
  if (collectedDateTime !== undefined) return at(collectedDateTime);
  return collectedPeriod === undefined ? undefined : within(collectedPeriod);
}

export function specimenText(observation: Observation): string | null {
  return textOrNull(observation.specimen?.display) ?? specimenType(specimenOf(observation));
}

export function specimenType(specimen: Specimen | undefined): string | null {
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
