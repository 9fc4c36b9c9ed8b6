/** Quantities with the digits they were written with, and never a bound in the place of a number. */
import type { Quantity, Range, Ratio } from 'fhir/r4.js';
import { LosslessNumber } from 'lossless-json';
import { knownAs, ucum } from './code-system.js';
import { joined, textOrNull } from './text.js';

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
export function quantityText({ comparator, value }: Quantity): string | null {
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
export function isSameUnit(one: Quantity, other: Quantity): boolean {
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

/** `1:128`; units stand where the source wrote them. */
export function ratioText({ numerator, denominator }: Ratio): string | null {
  return joined([withUnit(numerator), withUnit(denominator)], ':');
}

function withUnit(quantity: Quantity | undefined): string | null {
  const text = quantity && quantityText(quantity);
  return quantity === undefined || textOrNull(text) === null
    ? null
    : joined([text, unitText(quantity)], ' ');
}
