/** Which Observations are the laboratory's. */
import type { CodeableConcept, Coding } from 'fhir/r4.js';
import { knownAs, loinc, serviceSection, snomed, ucum } from './code-system.js';
import { commonLaboratoryTests } from './laboratory-tests.js';
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
