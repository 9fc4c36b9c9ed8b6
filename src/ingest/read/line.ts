/** The lines of an input, numbered from 1 as an editor shows them. */
import { LosslessNumber, parse } from 'lossless-json';
import type { RejectRule } from '../fhir/mapping.js';

export type Line =
  | {
      readonly kind: 'text';
      readonly number: number;
      /** One resource as JSON. */
      readonly text: string;
      /** JSON pointer to the resource in the line or document that holds several. */
      readonly pointer?: string;
    }
  | {
      readonly kind: 'unreadable';
      readonly number: number;
      readonly rule: RejectRule;
      readonly reason: string;
    };

/** One file, or whatever else gives lines. */
export interface Input {
  /** What reports call it. */
  readonly name: string;
  /** Its length in bytes, where that is known before it is read. */
  readonly bytes?: number;
  /**
   * The lines in portions, so that none waits for a promise of its own.
   * @param watch sees the bytes as they are stored, in order, before they are unpacked
   */
  lines(watch?: (chunk: Buffer) => void): AsyncIterable<readonly Line[]>;
}

/** The line in memory of its own: one that waits to be written would keep all those that were read with it. */
export function alone(line: Line): Line {
  return line.kind === 'text' ? { ...line, text: Buffer.from(line.text).toString() } : line;
}

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

/** Why an import could not begin, in words that say what would be right. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}
