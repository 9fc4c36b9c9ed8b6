/** Which Observations are the laboratory's. */
import type { CodeableConcept, Coding } from 'fhir/r4.js';
import { commonLaboratoryTests } from './laboratory-tests.js';
import type { ResourceFields } from './mapping.js';

/** What report and exit status know of Observations that may be results nobody marked as such. */
export const perhapsLaboratory = 'Observation (perhaps laboratory)';

const loinc = 'http://loinc.org';

// HL7 v2 table 0074, diagnostic service sections: the laboratory and its divisions.
const sections: ReadonlySet<string> = new Set([
  ...[
    'LAB',
    'BG',
    'BLB',
    'CG',
    'CH',
    'CP',
    'GE',
    'HM',
    'IMM',
    'MB',
    'MCB',
    'MYC',
    'SR',
    'TX',
    'VR',
  ],
]);

const codesOfSystem = new Map<string, ReadonlySet<string>>([
  ['http://terminology.hl7.org/CodeSystem/v2-0074', sections],
  ['http://hl7.org/fhir/v2/0074', sections],
  // Laboratory procedure
  ['http://snomed.info/sct', new Set(['108252007'])],
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

export function isLaboratory({ coding = [], text }: CodeableConcept): boolean {
  return coding.length > 0
    ? coding.some(isLaboratoryCoding)
    : /^lab(?:oratory)?$/i.test(text ?? '');
}

function isLaboratoryCoding({ system = '', code = '' }: Coding): boolean {
  return anySystem.has(code.toLowerCase()) || codesOfSystem.get(system)?.has(code) === true;
}

/** How an Observation that does not say it is the laboratory's is counted, before its structure was checked. */
export function otherObservation(resource: ResourceFields): string {
  const { category, code, specimen, valueQuantity } = resource;
  const isWithoutCategory =
    category === undefined ||
    category === null ||
    (Array.isArray(category) && category.length === 0);
  const isSuspect = isObject(specimen) || isOfLaboratory(code) || isConcentration(valueQuantity);
  return isWithoutCategory && isSuspect ? perhapsLaboratory : 'Observation (not laboratory)';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isOfLaboratory(concept: unknown): boolean {
  const coding = get(concept, 'coding');
  return (
    Array.isArray(coding) &&
    coding.some((each: unknown) => {
      if (get(each, 'system') !== loinc) return false;
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
  const isUcum = get(quantity, 'system') === 'http://unitsofmeasure.org';
  return isUcum && typeof code === 'string' && perVolume.test(code);
}

function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
