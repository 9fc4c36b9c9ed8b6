/** The lines of an input, numbered from 1 as an editor shows them. */
import type { RejectRule } from './fhir/mapping.js';

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
