/** The value of a laboratory result: FHIR's value[x] as the contract's value fields. */
import type { CodeableConcept, ObservationComponent, Quantity, Range } from 'fhir/r4.js';
import type { ContentOf } from '../../contract/collections.js';
import { conceptText, preferredCoding } from './codeable-concept.js';
import { absenceCoding, saidOf } from './no-value.js';
import {
  decimalOf,
  isSameUnit,
  quantityText,
  rangeText,
  ratioText,
  unitCode,
  unitText,
} from './quantity.js';
import { backbone, flag, integer, text } from './shape.js';
import { concept, period, quantity, range, ratio } from './shapes.js';
import { textOrNull } from './text.js';

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

/** Some senders put the code for no value where the value stands: it is none there either. */
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
