/** Codes for "no value": where one stands in the place of a value, and where it only says that the value has no code. */
import type { CodeableConcept, Coding, ObservationComponent } from 'fhir/r4.js';
import { absentReason, knownAs, nullFlavor } from './code-system.js';
import { conceptText, preferredCoding } from './codeable-concept.js';
import { textOrNull } from './text.js';

type Holder = Pick<ObservationComponent, 'dataAbsentReason' | 'valueCodeableConcept'>;

/** Why there is no value, by code, else in words; null where nothing is said. */
export function absentReasonOf({ dataAbsentReason, valueCodeableConcept }: Holder): string | null {
  return (
    textOrNull(preferredCoding(dataAbsentReason)?.code) ??
    conceptText(dataAbsentReason) ??
    textOrNull(absenceCoding(valueCodeableConcept)?.code)
  );
}

const codeLike = /^[!-~]+(?: [!-~]+)*$/;
const longestCode = 128;

/** A reason in words that are no code, which the field cannot hold. */
export function reasonInWords(holder: Holder): string | undefined {
  const reason = absentReasonOf(holder) ?? '';
  const isCode = codeLike.test(reason) && reason.length <= longestCode;
  return reason === '' || isCode ? undefined : reason;
}

// Other than any code, a trace, an unknown amount that is the bulk of it, beyond any number: all are findings.
const findings: ReadonlySet<string | undefined> = new Set(['OTH', 'TRC', 'QS', 'PINF', 'NINF']);

/** What HL7 displays of the other flavours of null: a text of these words says no more than the code. */
const displays: Readonly<Record<string, string | undefined>> = {
  NI: 'No information',
  INV: 'invalid',
  DER: 'derived',
  UNC: 'un-encoded',
  MSK: 'masked',
  NA: 'not applicable',
  UNK: 'unknown',
  ASKU: 'asked but unknown',
  NAV: 'temporarily unavailable',
  NASK: 'not asked',
  NAVU: 'not available',
  NP: 'not present',
};

/**
 * The coding that says there is no value, unless another coding or the text says one.
 * @see HL7 v3 code system NullFlavor; FHIR R4 codesystem-data-absent-reason.html
 */
export function absenceCoding(concept: CodeableConcept | undefined): Coding | undefined {
  if (concept === undefined) return undefined;
  const coding = preferredCoding(saidOf(concept));
  if (coding === undefined || !isAboutAbsence(coding) || isFinding(coding)) return undefined;
  return isExplained(coding, concept.text) ? undefined : coding;
}

/** The concept with the codings that say most: of a value, else of a finding that has no code, else what there is. */
export function saidOf(concept: CodeableConcept): CodeableConcept {
  const { coding = [] } = concept;
  const said = [coding.filter((each) => !isAboutAbsence(each)), coding.filter(isFinding)];
  return { ...concept, coding: said.find((codings) => codings.some(isStated)) ?? coding };
}

function isStated({ code, display }: Coding): boolean {
  return textOrNull(code) !== null || textOrNull(display) !== null;
}

function isAboutAbsence({ system }: Coding): boolean {
  const known = knownAs(system);
  return known === absentReason || known === nullFlavor;
}

function isFinding({ system, code }: Coding): boolean {
  return knownAs(system) === nullFlavor && findings.has(code);
}

/** A text beside a reason from FHIR's own list words the reason; only `as-text` says that it is the value. */
function isExplained({ system, code = '', display }: Coding, text: string | undefined): boolean {
  if (textOrNull(text) === null) return false;
  if (knownAs(system) === absentReason) return code === 'as-text';
  const said = plain(text);
  return said !== '' && ![code, display, displays[code]].map(plain).includes(said);
}

function plain(text = ''): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
