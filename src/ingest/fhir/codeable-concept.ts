/** The code systems that the mapping knows, by the address that FHIR gives them. */
import type { CodeableConcept, Coding } from 'fhir/r4.js';
import { best, joined, textOrNull } from './text.js';

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
