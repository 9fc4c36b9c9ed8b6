/** Whether a patient is dead, by either kind of `deceased[x]`, which must not contradict each other. */
import type { Extension, Patient } from 'fhir/r4.js';
import { element, flag, list, text } from './shape.js';

export const deceasedShapes = {
  deceasedBoolean: flag,
  deceasedDateTime: text,
  _deceasedDateTime: element({ extension: list(element({ url: text, valueCode: text })) }),
};

/** A time that has only extensions, such as the reason why it is not known, is the time of a death all the same. */
export function isDeceased(patient: Patient): boolean | null {
  const hasTime = patient.deceasedDateTime !== undefined || extensionsOf(patient).length > 0;
  return hasTime ? true : (patient.deceasedBoolean ?? null);
}

interface Fault {
  readonly pointer: string;
  readonly reason: string;
}

/** @see FHIR R4 patient.html, Patient.deceased[x]: a modifier element */
export function deceasedFault(patient: Patient): Fault | undefined {
  const { deceasedBoolean, deceasedDateTime } = patient;
  if (deceasedDateTime !== undefined) {
    if (deceasedBoolean !== undefined) {
      return { pointer: '/deceasedBoolean', reason: 'must not stand beside deceasedDateTime' };
    }
    return deceasedDateTime === ''
      ? { pointer: '/deceasedDateTime', reason: 'must not be empty' }
      : undefined;
  }
  const extensions = extensionsOf(patient);
  if (extensions.length > 0 && deceasedBoolean === false) {
    return { pointer: '/deceasedBoolean', reason: 'must not be false beside deceasedDateTime' };
  }
  return extensions.some(isNotApplicable)
    ? { pointer: '/_deceasedDateTime', reason: 'must be absent where there is no death' }
    : undefined;
}

function extensionsOf({ _deceasedDateTime: time }: Patient): readonly Extension[] {
  return time?.extension ?? [];
}

// FHIR R4 extension data-absent-reason.
const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

function isNotApplicable({ url, valueCode }: Extension): boolean {
  return url === absentReason && valueCode === 'not-applicable';
}
