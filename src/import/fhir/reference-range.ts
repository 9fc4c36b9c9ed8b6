/** The reference range of a result: two numbers only where there is one normal range in the value's unit. */
import type { ObservationReferenceRange, Quantity } from 'fhir/r4.js';
import { conceptText } from './codeable-concept.js';
import type { LabValue } from './lab-value.js';
import { decimalOf, rangeText, unitCode, unitText } from './quantity.js';
import { joined, textOrNull } from './text.js';

type ValueUnit = Pick<LabValue, 'unit' | 'unit_code'>;

export interface ReferenceRange {
  readonly low: number | null;
  readonly high: number | null;
  readonly text: string | null;
}

/** @see FHIR R4 observation.html, Observation.referenceRange: without a type, a range is the normal one */
export function referenceRangeOf(
  ranges: readonly ObservationReferenceRange[] | undefined,
  value: ValueUnit,
): ReferenceRange {
  const [normal, ...others] = (ranges ?? []).filter(isNormal);
  const isOnly = normal !== undefined && others.length === 0 && isInUnitOf(value, normal);
  return {
    low: isOnly ? endOf(normal.low) : null,
    high: isOnly ? endOf(normal.high) : null,
    text: joined((ranges ?? []).map(textOf), '; '),
  };
}

function isNormal({ type }: ObservationReferenceRange): boolean {
  return type === undefined || (type.coding ?? []).some(({ code }) => code === 'normal');
}

/** An end that names no unit is in the value's; one that does must name the same. */
function isInUnitOf(value: ValueUnit, { low, high }: ObservationReferenceRange): boolean {
  return [low, high].every((end) => {
    const text = end && unitText(end);
    const code = end && unitCode(end);
    if (typeof text !== 'string') return true;
    return typeof code === 'string' && value.unit_code !== null
      ? code === value.unit_code
      : text === value.unit;
  });
}

// A range's ends are SimpleQuantity, which has no comparator; one that has it is no plain number.
function endOf(end: Quantity | undefined): number | null {
  return end?.comparator === undefined ? (decimalOf(end?.value)?.number ?? null) : null;
}

function textOf(range: ObservationReferenceRange): string | null {
  const text = textOrNull(range.text) ?? rangeText(range);
  const kind = joined([conceptText(range.type), ...(range.appliesTo ?? []).map(conceptText)], ', ');
  return text === null || kind === null || textOrNull(range.text) !== null
    ? text
    : `${kind}: ${text}`;
}
