/** The lines of an input, numbered from 1 as an editor shows them, and how bytes are split into them. */
import { isUtf8 } from 'node:buffer';
import { LosslessNumber, parse } from 'lossless-json';

export type Line =
  | {
      readonly kind: 'text';
      readonly number: number;
      /** One resource as JSON. */
      readonly text: string;
      /** JSON pointer to the resource in the line or document that has several. */
      readonly pointer?: string;
    }
  | {
      readonly kind: 'unreadable';
      readonly number: number;
      readonly rule: ReadRule;
      readonly reason: string;
    };

/** Why a line could not be read. */
export type ReadRule =
  'utf-8' | 'line-length' | 'size' | 'gzip' | 'csv' | 'json' | 'structure' | 'modifier';

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
export function detached(line: Line): Line {
  return line.kind === 'text' ? { ...line, text: Buffer.from(line.text).toString() } : line;
}

// Every decimal that the mapping reads is a Quantity's `value`. Most are of few digits and no zero at their end, which
// a double writes as they are.
const unusualValue =
  /"value"\s*:\s*(?=-?\d)(?!-?(?:[1-9]\d{0,8}(?:\.\d{0,5}[1-9])?|0\.\d{0,5}[1-9])[\s,}\]])/;
const decimalValue = /"value"\s*:\s*(-?\d[\d.eE+-]*)/g;

/**
 * A number that a double would write differently (`5.40`, `1e400`) is a LosslessNumber; of a key that occurs twice the last value counts.
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

const maxLineBytes = 16 * 1024 * 1024;

const lineFeed = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Lines end with LF or CRLF, the last one also with the input; empty ones are left out but counted. */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  limit = maxLineBytes,
): AsyncGenerator<readonly Line[]> {
  const splitter = createSplitter(limit);
  for await (const chunk of chunks) yield splitter.push(chunk);
  yield splitter.end();
}

function createSplitter(limit: number) {
  let number = 0;
  let open: Buffer[] = [];
  let openBytes = 0;

  /** Keeps the beginning of a line whose end has not come; of one over the limit only the length. */
  function keep(bytes: Buffer): void {
    openBytes += bytes.length;
    if (openBytes > limit) open = [];
    else if (bytes.length > 0) open.push(bytes);
  }

  function closeOpen(): readonly Line[] {
    number += 1;
    const line = openBytes > limit ? tooLong(number, limit) : lineOf(number, Buffer.concat(open));
    open = [];
    openBytes = 0;
    return isBlank(line) ? [] : [line];
  }

  return {
    push(chunk: Buffer): readonly Line[] {
      const first = chunk.indexOf(lineFeed);
      if (first < 0) {
        keep(chunk);
        return [];
      }
      keep(chunk.subarray(0, first));
      const lines = [...closeOpen()];
      const last = chunk.lastIndexOf(lineFeed);
      if (last > first) {
        const whole = wholeLines(chunk.subarray(first + 1, last), number, limit);
        number = whole.number;
        lines.push(...whole.lines);
      }
      keep(chunk.subarray(last + 1));
      return lines;
    },
    end: () => (openBytes > 0 ? closeOpen() : []),
  };
}

/** Lines that a chunk holds from beginning to end: decoded at once where all of it is UTF-8. */
function wholeLines(bytes: Buffer, before: number, limit: number) {
  if (bytes.length > limit || !isUtf8(bytes)) return separateLines(bytes, before, limit);
  const texts = bytes.toString('utf8').split('\n');
  const lines = texts.map((text, index): Line => ({
    kind: 'text',
    number: before + index + 1,
    text,
  }));
  return { number: before + texts.length, lines: lines.filter((line) => !isBlank(line)) };
}

function separateLines(bytes: Buffer, before: number, limit: number) {
  const lines: Line[] = [];
  let number = before;
  for (let from = 0; from <= bytes.length;) {
    const end = bytes.indexOf(lineFeed, from);
    const to = end < 0 ? bytes.length : end;
    number += 1;
    lines.push(
      to - from > limit ? tooLong(number, limit) : lineOf(number, bytes.subarray(from, to)),
    );
    from = to + 1;
  }
  return { number, lines: lines.filter((line) => !isBlank(line)) };
}

function lineOf(number: number, bytes: Buffer): Line {
  const isMarked = number === 1 && bytes.subarray(0, 3).equals(byteOrderMark);
  const own = isMarked ? bytes.subarray(3) : bytes;
  return isUtf8(own)
    ? { kind: 'text', number, text: own.toString('utf8') }
    : { kind: 'unreadable', number, rule: 'utf-8', reason: 'must be UTF-8' };
}

function tooLong(number: number, limit: number): Line {
  const reason = `must be at most ${limit} bytes long`;
  return { kind: 'unreadable', number, rule: 'line-length', reason };
}

function isBlank(line: Line): boolean {
  const brace = 0x7b;
  return line.kind === 'text' && line.text.charCodeAt(0) !== brace && line.text.trim() === '';
}
