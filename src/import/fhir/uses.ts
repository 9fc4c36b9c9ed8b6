/** Codes of `use` that FHIR does not have: what bears one is not read, which is to be counted. */
import type { Patient } from 'fhir/r4.js';
import type { Defect } from './mapping.js';

const uses = {
  name: ['usual', 'official', 'temp', 'nickname', 'anonymous', 'old', 'maiden'],
  telecom: ['home', 'work', 'temp', 'old', 'mobile'],
  address: ['home', 'work', 'temp', 'old', 'billing'],
  identifier: ['usual', 'official', 'temp', 'secondary', 'old'],
} as const;
const elements = Object.entries(uses).map(
  // The keys are what the object above is made of.
  ([name, codes]) => [name as keyof typeof uses, new Set<string>(codes)] as const,
);

/** @see FHIR R4 datatypes.html: `use` is a modifier, its value sets name-use, contact-point-use, address-use and identifier-use are required */
export function useDefects(patient: Patient): readonly Defect[] {
  return elements.flatMap(([name, known]) =>
    (patient[name] ?? [])
      .filter(({ use }) => use !== undefined && !known.has(use))
      .map(() => ({ field: `${name}.use`, rule: 'must be a code that FHIR R4 has' })),
  );
}
