/** The code systems that the mapping knows, by the address that FHIR gives them. */

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
