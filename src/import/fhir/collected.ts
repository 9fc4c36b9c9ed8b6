/** When a specimen was taken: the Specimen's own word where the resource contains it, else `effective[x]`. */
import type { Observation, Period, Specimen } from 'fhir/r4.js';
import { timestamp } from './date-time.js';
import { joined, textOrNull } from './text.js';

export interface Collected {
  readonly time: string | null;
  readonly written: string | null;
}

export function collectedOf(observation: Observation): Collected {
  const taken = specimenOf(observation)?.collection;
  if (taken?.collectedDateTime !== undefined) return at(taken.collectedDateTime);
  if (taken?.collectedPeriod !== undefined) return within(taken.collectedPeriod);
  const { effectiveDateTime, effectiveInstant, effectivePeriod, effectiveTiming } = observation;
  if (effectivePeriod !== undefined) return within(effectivePeriod);
  const [event, ...others] = effectiveTiming?.event ?? [];
  return at(effectiveDateTime ?? effectiveInstant ?? (others.length === 0 ? event : undefined));
}

export function specimenText(observation: Observation): string | null {
  const { text, coding } = specimenOf(observation)?.type ?? {};
  return textOrNull(observation.specimen?.display) ?? textOrNull(text ?? coding?.[0]?.display);
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
