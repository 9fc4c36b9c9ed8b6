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
export function otherObservation({ category, code, specimen }: ResourceFields): string {
  const isWithoutCategory =
    category === undefined ||
    category === null ||
    (Array.isArray(category) && category.length === 0);
  const isSuspect = isWithoutCategory && (isSpecimen(specimen) || isCommonTest(code));
  return isSuspect ? perhapsLaboratory : 'Observation (not laboratory)';
}

function isSpecimen(specimen: unknown): boolean {
  return typeof specimen === 'object' && specimen !== null;
}

function isCommonTest(concept: unknown): boolean {
  const coding = get(concept, 'coding');
  return (
    Array.isArray(coding) &&
    coding.some((each: unknown) => {
      const code = get(each, 'code');
      return (
        get(each, 'system') === loinc && typeof code === 'string' && commonLaboratoryTests.has(code)
      );
    })
  );
}

function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
