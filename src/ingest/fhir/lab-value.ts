/** The value of a laboratory result: FHIR's value[x] as the contract's value fields. */
import type {
  CodeableConcept,
  Coding,
  ObservationComponent,
  Quantity,
  Range,
  Ratio,
} from 'fhir/r4.js';
import { LosslessNumber } from 'lossless-json';
import type { ContentOf } from '../../contract/collections.js';
import {
  absentReason,
  conceptText,
  joined,
  knownAs,
  nullFlavor,
  preferredCoding,
  textOrNull,
  ucum,
} from './data-types.js';
import { backbone, concept, flag, integer, period, quantity, range, ratio, text } from './shape.js';

type LabResult = ContentOf<'lab_results'>;

export type LabValue = Pick<
  LabResult,
  | 'value_number'
  | 'value_comparator'
  | 'value_limit'
  | 'value_text'
  | 'value_code'
  | 'value_system'
  | 'unit'
  | 'unit_code'
>;

/** What an Observation and each of its components can hold as a value. */
type ValueHolder = Pick<ObservationComponent, `value${string}` & keyof ObservationComponent>;

export const valueShapes = {
  valueQuantity: quantity,
  valueCodeableConcept: concept,
  valueString: text,
  valueBoolean: flag,
  valueInteger: integer,
  valueRange: range,
  valueRatio: ratio,
  valueSampledData: backbone({ data: text }),
  valueTime: text,
  valueDateTime: text,
  valuePeriod: period,
} satisfies Record<keyof ValueHolder, unknown>;

const noValue: LabValue = {
  value_number: null,
  value_comparator: null,
  value_limit: null,
  value_text: null,
  value_code: null,
  value_system: null,
  unit: null,
  unit_code: null,
};

/** The names of value[x] that a resource has, those that FHIR R4 does not know among them. */
export function valueNames(holder: object): readonly string[] {
  return Object.keys(holder).filter((name) => /^value[A-Z]/.test(name));
}

export function isKnownValue(name: string): boolean {
  return Object.hasOwn(valueShapes, name);
}

/** @see FHIR R4 observation.html, Observation.value[x] */
export function labValue(holder: ValueHolder): LabValue {
  const { valueQuantity, valueCodeableConcept, valueInteger, valueRange } = holder;
  if (valueQuantity !== undefined) return quantityValue(valueQuantity);
  if (valueCodeableConcept !== undefined) return conceptValue(valueCodeableConcept);
  if (valueInteger !== undefined) return quantityValue({ value: valueInteger });
  if (valueRange !== undefined) return rangeValue(valueRange);
  return { ...noValue, value_text: writtenText(holder) };
}

/** Some senders put the code for no value in place of the value: it is none there either. */
function conceptValue(concept: CodeableConcept): LabValue {
  if (absenceCoding(concept) !== undefined) return noValue;
  const said = saidOf(concept);
  const coding = preferredCoding(said);
  return {
    ...noValue,
    value_text: conceptText(said) ?? textOrNull(coding?.code),
    value_code: textOrNull(coding?.code),
    value_system: textOrNull(coding?.system),
  };
}

function rangeValue(range: Range): LabValue {
  const { low, high } = range;
  const end = low ?? high;
  const isOneUnit = low === undefined || high === undefined || isSameUnit(low, high);
  return {
    ...noValue,
    value_text: rangeText(range),
    unit: end && isOneUnit ? unitText(end) : null,
    unit_code: end && isOneUnit ? unitCode(end) : null,
  };
}

/** A number with a comparator is a bound, not a measurement (FHIR R4 datatypes.html, Quantity.comparator). */
function quantityValue(quantity: Quantity): LabValue {
  const decimal = decimalOf(quantity.value);
  const comparator = decimal === undefined ? undefined : quantity.comparator;
  const number = decimal?.number ?? null;
  return {
    ...noValue,
    value_number: comparator === undefined ? number : null,
    value_comparator: comparator ?? null,
    value_limit: comparator === undefined ? null : number,
    value_text: quantityText(quantity),
    unit: unitText(quantity),
    unit_code: unitCode(quantity),
  };
}

function writtenText(holder: ValueHolder): string | null {
  const { valueBoolean, valueRatio, valuePeriod } = holder;
  if (valueBoolean !== undefined) return String(valueBoolean);
  if (valueRatio !== undefined) return ratioText(valueRatio);
  // ISO 8601 writes an interval so; an open end stays empty.
  if (valuePeriod !== undefined) return `${valuePeriod.start ?? ''}/${valuePeriod.end ?? ''}`;
  const { valueString, valueTime, valueDateTime, valueSampledData } = holder;
  return textOrNull(valueString ?? valueTime ?? valueDateTime ?? valueSampledData?.data);
}

interface Decimal {
  /** Null when it is beyond a double. */
  readonly number: number | null;
  readonly text: string;
}

/** A JSON number that `readJson` gave as a number, or as its digits where a number would lose them. */
export function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value === 'number') return { number: value, text: String(value) };
  if (!(value instanceof LosslessNumber)) return undefined;
  const number = Number(value.value);
  return { number: Number.isFinite(number) ? number : null, text: value.value };
}

/** `<0.01`, `5.40`; null without a value. */
function quantityText({ comparator, value }: Quantity): string | null {
  const decimal = decimalOf(value);
  return decimal === undefined ? null : `${comparator ?? ''}${decimal.text}`;
}

export function unitText({ unit, code }: Quantity): string | null {
  return textOrNull(unit) ?? textOrNull(code);
}

export function unitCode({ system, code }: Quantity): string | null {
  return knownAs(system) === ucum ? textOrNull(code) : null;
}

/** Whether two quantities are in one unit, by UCUM code where both have it; one that names none takes the other's. */
function isSameUnit(one: Quantity, other: Quantity): boolean {
  const [oneCode, otherCode] = [unitCode(one), unitCode(other)];
  if (oneCode !== null && otherCode !== null) return oneCode === otherCode;
  const [oneText, otherText] = [unitText(one), unitText(other)];
  return oneText === null || otherText === null || oneText === otherText;
}

/** `3.5 - 5.1 mmol/L`, `>= 3.5 mmol/L`, `<= 5.1 mmol/L`; both ends belong to a Range (FHIR R4 datatypes.html, Range). */
export function rangeText({ low, high }: Range): string | null {
  const [from, to] = [withUnit(low), withUnit(high)];
  if (from === null) return to === null ? null : `<= ${to}`;
  if (to === null) return `>= ${from}`;
  const inOneUnit = low !== undefined && high !== undefined && unitText(low) === unitText(high);
  return `${inOneUnit ? (quantityText(low) ?? '') : from} - ${to}`;
}

/** `1:128`; units only where the source wrote them. */
function ratioText({ numerator, denominator }: Ratio): string | null {
  return joined([withUnit(numerator), withUnit(denominator)], ':');
}

function withUnit(quantity: Quantity | undefined): string | null {
  const text = quantity && quantityText(quantity);
  return quantity === undefined || textOrNull(text) === null
    ? null
    : joined([text, unitText(quantity)], ' ');
}

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
function absenceCoding(concept: CodeableConcept | undefined): Coding | undefined {
  if (concept === undefined) return undefined;
  const coding = preferredCoding(saidOf(concept));
  if (coding === undefined || !isAboutAbsence(coding) || isFinding(coding)) return undefined;
  return isExplained(coding, concept.text) ? undefined : coding;
}

/** The concept with the codings that say most: of a value, else of a finding that has no code, else what there is. */
function saidOf(concept: CodeableConcept): CodeableConcept {
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

/** A text next to a reason from FHIR's own list words the reason; only `as-text` says that it is the value. */
function isExplained({ system, code = '', display }: Coding, text: string | undefined): boolean {
  if (textOrNull(text) === null) return false;
  if (knownAs(system) === absentReason) return code === 'as-text';
  const said = plain(text);
  return said !== '' && ![code, display, displays[code]].map(plain).includes(said);
}

function plain(text = ''): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
