/** A concept as one code, its system and its text. */
import type { CodeableConcept, Coding } from 'fhir/r4.js';
import { knownAs, loinc, snomed } from './code-system.js';
import { best } from './rank.js';
import { joined, textOrNull } from './text.js';

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
