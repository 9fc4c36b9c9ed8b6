/** FHIR's texts, dates and coded concepts as the contract writes them: nothing completed, nothing converted, nothing lost. */
import type { CodeableConcept, Coding } from 'fhir/r4.js';

export function textOrNull(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === '' ? null : text;
}

/** The texts joined, or null where there is none. */
export function joined(texts: readonly (string | null | undefined)[], by: string): string | null {
  return textOrNull(texts.filter((text) => textOrNull(text) !== null).join(by));
}

/** The element with the lowest rank, the earlier one among equals; an element of rank undefined never wins. */
export function best<Element>(
  elements: readonly Element[] | undefined,
  rank: (element: Element) => number | undefined,
): Element | undefined {
  let winner: Element | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const element of elements ?? []) {
    const own = rank(element);
    if (own !== undefined && own < lowest) {
      winner = element;
      lowest = own;
    }
  }
  return winner;
}

/** The hospital's calendar day of an instant, `YYYY-MM-DD`. */
export type DayOf = (instant: Date) => string;

const partialDate = /^\d{4}(?:-\d{2}(?:-\d{2})?)?$/;
const day = /^\d{4}-\d{2}-\d{2}/;
const wholeTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})$/;
const looseTime =
  /^(?<minute>\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?<second>:\d{2})?(?:\.(?<fraction>\d+))?(?<offset>Z|[+-]\d{2}:\d{2})$/i;

/**
 * A FHIR date when it is a whole day; null for a year, a month or nothing.
 * What is no FHIR date is given back as it is, so that the contract's check counts it.
 * @see FHIR R4 datatypes.html, date
 */
export function wholeDate(written: string | undefined): string | null {
  if (written === undefined) return null;
  return partialDate.test(written) && written.length < 10 ? null : written;
}

/**
 * A FHIR dateTime or instant as RFC 3339, offset kept as written; null for a date without a time.
 * More than six fraction digits are cut; what is no dateTime is given back as it is, so that the contract's check counts it.
 * @see FHIR R4 datatypes.html, dateTime and instant
 */
export function timestamp(written: string | undefined): string | null {
  if (written === undefined) return null;
  if (wholeTime.test(written)) return written;
  if (partialDate.test(written)) return null;
  const { minute, second, fraction, offset } = looseTime.exec(written)?.groups ?? {};
  if (minute === undefined || offset === undefined) return written;
  const digits = fraction === undefined ? '' : `.${fraction.slice(0, 6)}`;
  return `${minute}${second ?? ':00'}${digits}${offset}`.toUpperCase();
}

/**
 * The calendar day at the hospital: as written beside a local offset or without a time, computed where the source
 * wrote UTC (`Z`, `+00:00`, or `-00:00`, RFC 3339 section 4.3); at a hospital whose own offset is that, both are the same.
 */
export function localDay(written: string | undefined, dayOf: DayOf): string | null {
  if (written === undefined || !day.test(written)) return null;
  if (!/(?:Z|[+-]00:00)$/i.test(written)) return written.slice(0, 10);
  const instant = new Date(written);
  return Number.isNaN(instant.getTime()) ? null : dayOf(instant);
}

/** @throws RangeError when the runtime does not know the time zone */
export function createDayOf(timeZone: string): DayOf {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const year = parts.get('year') ?? '';
    return `${year.padStart(4, '0')}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
  };
}

export const loinc = 'http://loinc.org';
export const snomed = 'http://snomed.info/sct';
export const ucum = 'http://unitsofmeasure.org';
export const nullFlavor = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';
export const absentReason = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
/** HL7 v2 table 0074. */
export const serviceSection = 'http://terminology.hl7.org/CodeSystem/v2-0074';

// Object identifiers, and the addresses that FHIR had before R4.
const otherNames = new Map<string | undefined, string>([
  ['urn:oid:2.16.840.1.113883.6.1', loinc],
  ['urn:oid:2.16.840.1.113883.6.96', snomed],
  ['urn:oid:2.16.840.1.113883.6.8', ucum],
  ['urn:oid:2.16.840.1.113883.5.1008', nullFlavor],
  ['http://hl7.org/fhir/v3/NullFlavor', nullFlavor],
  ['http://hl7.org/fhir/data-absent-reason', absentReason],
  ['urn:oid:2.16.840.1.113883.12.74', serviceSection],
  ['http://hl7.org/fhir/v2/0074', serviceSection],
]);

/** @see FHIR R4 terminologies-systems.html: a system may be written as an object identifier */
export function knownAs(system: string | undefined): string | undefined {
  return otherNames.get(system) ?? system;
}

const rankOfSystem = new Map<string | undefined, number>([
  [loinc, 0],
  [snomed, 1],
]);
const local = 2;

/** The coding that others can read: LOINC, SNOMED CT, then the first that has a code. */
export function preferredCoding(concept: CodeableConcept | undefined): Coding | undefined {
  return best(concept?.coding, ({ code, system }) =>
    textOrNull(code) === null ? undefined : (rankOfSystem.get(knownAs(system)) ?? local),
  );
}

/** The concept in words as the source wrote it: its text, else what it displays of the preferred coding. */
export function conceptText(concept: CodeableConcept | undefined): string | null {
  return (
    textOrNull(concept?.text) ??
    textOrNull(preferredCoding(concept)?.display) ??
    textOrNull(concept?.coding?.find(({ display }) => textOrNull(display) !== null)?.display)
  );
}

/** Several concepts in words, in the source's order. */
export function conceptTexts(concepts: readonly CodeableConcept[] | undefined): string | null {
  return joined((concepts ?? []).map(conceptText), '; ');
}
