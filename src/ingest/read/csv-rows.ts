/**
 * Rows of a CSV file, in which an error costs its own row only.
 *
 * The file is read line by line, and a row goes on to the next line while a quote is open. Where such a row turns out
 * broken, or its quote is never closed, its first line is refused and the lines behind it are read anew as rows of their own.
 * @see RFC 4180; a byte order mark, LF as line end, empty lines and spaces around quotes are taken too
 */
import { isUtf8 } from 'node:buffer';
import type { Line } from './lines.js';

/** A row of cells, and the line of the file on which it ends. */
export interface CsvRow {
  readonly cells: readonly string[];
  readonly number: number;
}

interface TextLine {
  readonly text: string;
  readonly number: number;
  readonly bytes: number;
  readonly fault: 'utf-8' | 'size' | undefined;
}

const maxRowBytes = 16 * 1024 * 1024;
const lineFeed = 0x0a;

export async function* csvRows(bytes: AsyncIterable<Buffer>): AsyncGenerator<CsvRow | Line> {
  const rows = createRows();
  for await (const line of textLines(bytes)) yield* rows.next(line);
  yield* rows.end();
}

function refused({ number, fault }: TextLine): Line {
  return fault === 'utf-8'
    ? { kind: 'unreadable', number, rule: 'utf-8', reason: 'must be UTF-8' }
    : { kind: 'unreadable', number, rule: 'csv', reason: 'must be CSV as in RFC 4180' };
}

/** Where the bytes break, the lines before are given, and the error is thrown. */
async function* textLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<TextLine> {
  let number = 0;
  let open: Buffer[] = [];
  let openBytes = 0;
  let isTooLong = false;
  function lineOf(line: Buffer): TextLine {
    number += 1;
    const fault = isTooLong ? 'size' : isUtf8(line) ? undefined : 'utf-8';
    isTooLong = false;
    const text = line.toString();
    return {
      text: number === 1 ? text.replace(/^\ufeff/, '') : text,
      number,
      bytes: line.length,
      fault,
    };
  }
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      const rest = chunk.subarray(from, end);
      yield lineOf(open.length === 0 ? rest : Buffer.concat([...open, rest]));
      [open, openBytes, from] = [[], 0, end + 1];
    }
    open.push(chunk.subarray(from));
    openBytes += chunk.length - from;
    if (openBytes > maxRowBytes) [open, openBytes, isTooLong] = [[], 0, true];
  }
  if (openBytes > 0 || isTooLong) yield lineOf(Buffer.concat(open));
}

function createRows() {
  const scanner = createScanner();
  /** The lines of the row that is not complete yet. */
  let lines: TextLine[] = [];
  let openBytes = 0;

  function* next(line: TextLine): Generator<CsvRow | Line> {
    if (lines.length === 0 && line.text.trim() === '' && line.fault === undefined) return;
    lines.push(line);
    openBytes += line.bytes;
    const isTooLong = line.fault === 'size' || openBytes > maxRowBytes;
    const state = isTooLong ? 'broken' : scanner.scan(line.text);
    if (state === 'open') return;
    if (state === 'broken') {
      yield* giveUp();
      return;
    }
    const unread = lines.find(({ fault }) => fault !== undefined);
    yield unread === undefined ? { cells: scanner.take(), number: line.number } : refused(unread);
    clear();
  }

  function* giveUp(): Generator<CsvRow | Line> {
    const [first, ...others] = lines;
    clear();
    if (first === undefined) return;
    yield refused(first);
    for (const line of others) yield* next(line);
  }

  function clear(): void {
    scanner.take();
    lines = [];
    openBytes = 0;
  }

  return {
    next,
    *end(): Generator<CsvRow | Line> {
      while (lines.length > 0) yield* giveUp();
    },
  };
}

const blank = /[ \t\r\f]*/y;
const plainCell = /[^",]*/y;

/** Reads the cells of a row, line after line while a quote is open. */
function createScanner() {
  let cells: string[] = [];
  let quoted: string[] | undefined;

  /** Behind the closing quote, or nothing where the cell goes on. */
  function quotedEnd(line: string, start: number, parts: string[]): number | undefined {
    let from = start;
    for (;;) {
      const quote = line.indexOf('"', from);
      if (quote < 0) {
        parts.push(line.slice(from), '\n');
        return undefined;
      }
      if (line[quote + 1] !== '"') {
        parts.push(line.slice(from, quote));
        return quote + 1;
      }
      parts.push(line.slice(from, quote + 1));
      from = quote + 2;
    }
  }

  function scan(line: string): 'open' | 'broken' | 'complete' {
    let at = 0;
    for (;;) {
      if (quoted === undefined) {
        const start = endOf(blank, line, at);
        if (line[start] === '"') {
          quoted = [];
          at = start + 1;
        }
      }
      if (quoted === undefined) {
        const end = endOf(plainCell, line, at);
        cells.push(line.slice(at, end).replace(/^[ \t\r\f]+|[ \t\r\f]+$/g, ''));
        at = end;
      } else {
        const end = quotedEnd(line, at, quoted);
        if (end === undefined) return 'open';
        cells.push(quoted.join(''));
        quoted = undefined;
        at = endOf(blank, line, end);
      }
      if (at === line.length) return 'complete';
      if (line[at] !== ',') return 'broken';
      at += 1;
    }
  }

  return {
    scan,
    /** The cells; the next line begins a row. */
    take(): readonly string[] {
      const taken = cells;
      cells = [];
      quoted = undefined;
      return taken;
    },
  };
}

function endOf(pattern: RegExp, line: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(line);
  return pattern.lastIndex;
}
