/** Which Observations are the laboratory's. */
import type { CodeableConcept, Coding } from 'fhir/r4.js';
import { knownAs, loinc, serviceSection, snomed, ucum } from './data-types.js';
import type { ResourceFields } from './mapping.js';

/** What report and exit status know of Observations that may be results nobody marked as such. */
export const perhapsLaboratory = 'Observation (perhaps laboratory)';

// HL7 v2 table 0074, diagnostic service sections: the laboratory and its divisions.
const sections: ReadonlySet<string> = new Set([
  ...['LAB', 'OSL', 'BG', 'BLB', 'CG', 'CH', 'CP', 'GE', 'HM', 'IMM', 'MB', 'MCB', 'MYC', 'PAR'],
  ...['PAT', 'SP', 'SR', 'TX', 'URN', 'VR'],
]);
// The rest of the table but for OTH, which says only that none of them fits.
const otherSections: ReadonlySet<string> = new Set([
  ...['AU', 'CT', 'CTH', 'CUS', 'EC', 'EN', 'ICU', 'IMG', 'NMR', 'NMS', 'NRS', 'OT', 'OUS', 'PF'],
  ...['PHR', 'PHY', 'PT', 'RAD', 'RC', 'RT', 'RUS', 'RX', 'VUS', 'XRC'],
]);

const codesOfSystem = new Map<string | undefined, ReadonlySet<string>>([
  [serviceSection, sections],
  // Laboratory procedure; Laboratory test finding, as the Dutch building blocks have it
  [snomed, new Set(['108252007', '49581000146104'])],
  // Laboratory studies, and those of its divisions, as national guides name them
  [
    loinc,
    new Set([
      ...['26436-6', '18717-9', '18718-7', '18719-5', '18720-3', '18721-1', '18723-7', '18724-5'],
      ...['18725-2', '18727-8', '18728-6', '18729-4', '18767-4', 'LP29693-6'],
    ]),
  ],
]);

// FHIR's own category, whichever URL its version gave the system, and what is called so without a known one.
const anySystem: ReadonlySet<string> = new Set(['laboratory', 'lab', '108252007', '26436-6']);

/** FHIR's other categories, by code or in words. */
const otherCategories: ReadonlySet<string> = new Set([
  ...['social-history', 'vital-signs', 'imaging', 'procedure', 'survey', 'exam', 'therapy'],
  'activity',
]);

/** A code that is not known counts by what it is called. */
export function isLaboratory({ coding = [], text }: CodeableConcept): boolean {
  return coding.some(isLaboratoryCoding) || (isNamedLaboratory(text) && !isOfOthers({ coding }));
}

function isLaboratoryCoding(coding: Coding): boolean {
  const { system, code = '', display } = coding;
  return (
    anySystem.has(code.toLowerCase()) ||
    codesOfSystem.get(knownAs(system))?.has(code) === true ||
    (isNamedLaboratory(display) && !isOfOthers({ coding: [coding] }))
  );
}

function isNamedLaboratory(name = ''): boolean {
  return /^\s*lab(?:oratory)?\s*$/i.test(name);
}

/** Whether a category is one that is known, and not the laboratory's. */
function isOfOthers({ coding = [], text = '' }: CodeableConcept): boolean {
  return (
    otherCategories.has(text.toLowerCase().replaceAll(' ', '-')) ||
    coding.some(
      ({ system, code = '' }) =>
        otherCategories.has(code.toLowerCase()) ||
        (knownAs(system) === serviceSection && otherSections.has(code)),
    )
  );
}

/**
 * How an Observation that does not say it is the laboratory's is counted, before its structure was checked.
 * @param categories none of them the laboratory's
 */
export function otherObservation(
  { code, specimen, valueQuantity }: ResourceFields,
  categories: readonly CodeableConcept[],
): string {
  const isSuspect = isObject(specimen) || isOfLaboratory(code);
  // Infusions are written as concentrations, too.
  const isMeasured = categories.length === 0 && isConcentration(valueQuantity);
  return (isSuspect || isMeasured) && !categories.some(isOfOthers)
    ? perhapsLaboratory
    : 'Observation (not laboratory)';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isOfLaboratory(concept: unknown): boolean {
  const coding = get(concept, 'coding');
  return (
    Array.isArray(coding) &&
    coding.some((each: unknown) => {
      if (systemOf(each) !== loinc) return false;
      const [code, display] = [get(each, 'code'), get(each, 'display')];
      return (
        (typeof code === 'string' && commonLaboratoryTests.has(code)) ||
        (typeof display === 'string' && isNameOfLaboratory(display))
      );
    })
  );
}

// LOINC's long common names say the property, then the specimen: "Glucose [Mass/volume] in Serum or Plasma".
const property =
  /\[(?:Mass|Moles|#|Units|Arbitrary|Enzymatic activity|Catalytic activity|Titer|Presence|Entitic)\b[^\]]*\]/i;
const specimenName =
  / (?:in|of|from) (?:Serum|Plasma|(?:Arterial |Venous |Capillary |Cord )?blood|Urine|Stool|Cerebral spinal fluid|Platelet poor plasma|Bone marrow|Isolate)\b/i;
// The same specimen in its name, but measured at the patient.
const atPatient = /pulse oximetry|transcutaneous/i;

/** @see LOINC Users' Guide, long common names */
function isNameOfLaboratory(display: string): boolean {
  return (property.test(display) || specimenName.test(display)) && !atPatient.test(display);
}

// Per volume: mg/dL, mmol/L, 10*9/L, U/L, /uL. What is measured at the patient is not, but a flow has its volume above.
const perVolume = /\/(?:[dcmunpf]?L|mm3)$/i;

function isConcentration(quantity: unknown): boolean {
  const code = get(quantity, 'code');
  const isUcum = systemOf(quantity) === ucum;
  return isUcum && typeof code === 'string' && perVolume.test(code);
}

function systemOf(value: unknown): string | undefined {
  const system = get(value, 'system');
  return typeof system === 'string' ? knownAs(system) : undefined;
}

function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

// One line a class: chemistry, hematology, coagulation, urinalysis, blood gas, endocrinology and tumour markers,
// cardiac, drugs, microbiology and serology, blood bank.
const codes = `
  2093-3 2085-9 13457-7 18262-6 2089-1 2571-8 43396-1 9830-1 2345-7 1558-6 2339-0 41653-7 4548-4 17856-6 59261-8
  2951-2 2823-3 2075-0 2028-9 1963-8 3094-0 2160-0 38483-4 33914-3 48642-3 48643-1 62238-1 69405-9 77147-7 98979-8
  17861-6 49765-1 2000-8 1995-0 2777-1 19123-9 2601-3 1751-7 2885-2 10834-0 1759-0 6768-6 1742-6 1920-8 2324-2 1975-2
  1968-7 1971-1 14804-9 2532-0 2157-6 1798-8 3040-3 3084-1 2498-4 2500-7 2502-3 2276-4 3034-6 2132-9 2284-8 1988-5
  30522-7 33037-3 10466-1 33863-2 2947-0 6298-4 6299-2 2069-3 20565-8 2340-8 32016-8 2744-1 20570-8 49541-6 5792-7
  718-7 20509-6 4544-3 789-8 787-2 785-6 786-4 788-0 21000-5 777-3 32623-1 28542-9 6690-2 26464-8 26453-1 26515-7
  770-8 736-9 5905-5 713-8 706-2 751-8 731-0 742-7 711-2 704-7 26499-4 26474-7 26484-6 26449-9 26444-0 4679-7 17849-1
  30341-2 4537-7 33842-6 53115-2 71695-1 58413-6 19048-8
  5902-2 6301-6 14979-9 3173-2 3255-7 48065-7 48066-5 30240-6 3243-3 34714-6 46418-0
  5778-6 5767-9 5811-5 2965-2 5803-2 2756-5 5804-0 2888-6 5770-3 1977-8 13658-8 5818-0 20405-7 5794-3 5802-4 5799-2
  5821-4 5808-1 13945-1 11277-1 9842-6 14957-5 9318-7 32294-1 2161-8 14958-3 2889-4 53525-2 50555-2 25428-4
  2744-1 2019-8 2703-7 1960-4 11558-4 1925-7 2713-6 2524-7 32693-4 2518-9 11557-6 11556-8   3016-3 3024-7 3053-6 3026-2 3051-0 2986-8 2243-4 15067-2 10501-5 2842-3 2143-6 2731-8 19080-1 21198-7 2857-1 10508-0
  1834-1 2039-6 10334-1 24108-3 1989-3 62292-8 35365-6 20448-7 1986-9 2483-0
  10839-9 6598-7 67151-1 89579-7 89577-1 30934-4 33762-6 42637-9 49136-1 13969-1 20569-4
  4092-3 20578-1 3968-5 4086-5 10535-3 14334-7 3432-2 4049-3 3298-7 4024-6 5640-8 3397-7 3426-4 19295-5 3349-8
  600-7 630-4 6463-4 11475-1 634-6 664-3 94500-6 94558-4 92142-9 92141-1 85477-8 85478-6 80382-5 80383-3 5195-3 16935-9
  22322-2 13955-0 16128-1 11259-9 7917-8 56888-1 75622-1 20507-0 5292-8 24110-9 20474-3 21613-5 24111-7 43304-5 43305-2
  882-1 883-0 10331-7 890-4 1250-0`;

const commonLaboratoryTests: ReadonlySet<string> = new Set(codes.trim().split(/\s+/));
