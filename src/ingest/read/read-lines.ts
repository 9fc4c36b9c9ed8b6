/** Splits bytes into lines of UTF-8 text; a line that cannot be read is said to be so, and the rest goes on. */
import { isUtf8 } from 'node:buffer';
import type { Line } from './line.js';

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
