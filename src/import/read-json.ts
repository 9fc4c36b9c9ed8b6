/** Reads JSON without losing the digits that a laboratory printed. */
import { LosslessNumber, parse } from 'lossless-json';

// Every decimal that the mapping reads is a Quantity's `value`. Most are of few digits and no zero at their end, which
// a double writes as they are.
const unusualValue =
  /"value"\s*:\s*(?=-?\d)(?!-?(?:[1-9]\d{0,8}(?:\.\d{0,5}[1-9])?|0\.\d{0,5}[1-9])[\s,}\]])/;
const decimalValue = /"value"\s*:\s*(-?\d[\d.eE+-]*)/g;

/**
 * A number that a double would write differently (`5.40`, `1e400`) is a LosslessNumber; a key that stands twice has its last value.
 * @throws SyntaxError when the text is no JSON; its message holds a part of the text
 * @throws RangeError when the text is nested too deeply to read
 */
export function readJson(text: string): unknown {
  if (!losesDigits(text)) return JSON.parse(text);
  return parse(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
}

function losesDigits(text: string): boolean {
  if (!unusualValue.test(text)) return false;
  decimalValue.lastIndex = 0;
  for (let match = decimalValue.exec(text); match !== null; match = decimalValue.exec(text)) {
    const [, digits = ''] = match;
    if (String(Number(digits)) !== digits) return true;
  }
  return false;
}

function parseNumber(digits: string): number | LosslessNumber {
  const number = Number(digits);
  return String(number) === digits ? number : new LosslessNumber(digits);
}
