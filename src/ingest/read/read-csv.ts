/** CSV files whose header names fields of a collection: each row as a resource that the mapping reads. */
import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Collection } from '../../contract/collections.js';
import { createRowReader, type CsvRow } from './csv-row.js';
import type { Line } from './line.js';

interface Contents {
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer>;
  readonly collections: readonly Collection[];
}

const maxRowBytes = 16 * 1024 * 1024;

/** @see RFC 4180; a byte order mark, LF as line end and empty lines are taken too */
export async function* readCsv({
  name,
  bytes,
  collections,
}: Contents): AsyncGenerator<readonly Line[]> {
  const stem = basename(name).replace(/\.csv(?:\.gz)?$/i, '');
  const collection = collections.find((candidate) => candidate.name === stem);
  if (collection === undefined) {
    const names = collections.map((candidate) => `${candidate.name}.csv`).join(', ');
    yield [unreadable(1, `must be named after its collection: ${names}`)];
    // To the end all the same: the file's length and checksum are taken on the way.
    await pipeline(
      bytes,
      new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
      }),
    );
    return;
  }
  const read = createRowReader(collection);
  let isHeader = true;
  let isUnderstood = true;
  for await (const row of rowsOf(bytes)) {
    if (!isUnderstood) continue;
    if ('kind' in row) {
      yield [row];
      continue;
    }
    const line = read(row);
    if (line !== undefined) yield [line];
    // A header that is not understood makes every row unreadable.
    isUnderstood = !isHeader || line === undefined;
    isHeader = false;
  }
}

interface Parsed {
  readonly record: readonly string[];
  /** Bytes of the file up to and with the row. */
  readonly info: { readonly bytes: number };
}

async function* rowsOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<CsvRow | Line> {
  const { parse } = await import('csv-parse');
  const rows = wholeRows(bytes, maxRowBytes);
  const skipped: number[] = [];
  const open: number[] = [];
  const refused = (at: number) => unreadable(rows.lineAt(at), 'must be CSV as in RFC 4180');
  const parser = parse({
    bom: true,
    info: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    // Outside quotes only.
    trim: true,
    max_record_size: maxRowBytes,
    on_skip: (error) => {
      const places = error?.code === 'CSV_QUOTE_NOT_CLOSED' ? open : skipped;
      places.push(Number(error?.bytes ?? 0));
      return undefined;
    },
  });
  // The parser gives what its options ask for.
  const parsed = Readable.from(rows.chunks()).pipe(parser) as AsyncIterable<Parsed>;
  for await (const { record, info } of parsed) {
    yield* skipped.splice(0).map(refused);
    yield { cells: record, number: rows.lineAt(info.bytes) };
    rows.forget(info.bytes);
  }
  const fault = rows.fault();
  yield* skipped.map(refused);
  // A quote that is open where the bytes break may be closed behind that.
  if (fault === undefined) yield* open.map(refused);
  else if (fault.kind === 'utf-8') yield notUtf8(fault.line);
  else throw fault.cause;
}

function notUtf8(number: number): Line {
  return { kind: 'unreadable', number, rule: 'utf-8', reason: 'must be UTF-8' };
}

function unreadable(number: number, reason: string): Line {
  return { kind: 'unreadable', number, rule: 'csv', reason };
}

type Fault =
  /** Of the first line that is not UTF-8. */
  | { readonly kind: 'utf-8'; readonly line: number }
  | { readonly kind: 'broken'; readonly cause: unknown };

interface WholeRows {
  /** Ends where the bytes can be read no further; what came before is whole lines. */
  chunks(): AsyncGenerator<Buffer>;
  fault(): Fault | undefined;
  /** The line on which a stretch of so many bytes from the beginning ends. */
  lineAt(bytes: number): number;
  /** No place before this one will be asked for. */
  forget(bytes: number): void;
}

const lineFeed = 0x0a;

/** @param mostHeld bytes of a line that are kept until its end has come */
function wholeRows(bytes: AsyncIterable<Buffer>, mostHeld: number): WholeRows {
  let fault: Fault | undefined;
  const lines = createLineCount();

  function readable(text: Buffer): Buffer {
    const end = isUtf8(text) ? text.length : endOfUtf8(text);
    const whole = text.subarray(0, end);
    lines.pass(whole);
    if (end < text.length) fault = { kind: 'utf-8', line: lines.passed() + 1 };
    return whole;
  }

  return {
    fault: () => fault,
    lineAt: (at) => lines.at(at),
    forget: (at) => {
      lines.forget(at);
    },
    async *chunks() {
      let open: Buffer[] = [];
      try {
        for await (const chunk of bytes) {
          // Read on to the end all the same: the input's length and checksum are taken on the way.
          if (fault !== undefined) continue;
          const end = chunk.lastIndexOf(lineFeed) + 1;
          const text = Buffer.concat([...open, chunk.subarray(0, end)]);
          const isHeld = end === 0 && text.length + chunk.length <= mostHeld;
          open = isHeld ? [text, chunk] : [chunk.subarray(end)];
          if (!isHeld && text.length > 0) yield readable(text);
        }
        if (fault === undefined) yield readable(Buffer.concat(open));
      } catch (cause) {
        fault = { kind: 'broken', cause };
      }
    },
  };
}

/** Where the last line has ended before the first that is not UTF-8. */
function endOfUtf8(text: Buffer): number {
  let from = 0;
  for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, from)) {
    if (!isUtf8(text.subarray(from, end))) break;
    from = end + 1;
  }
  return from;
}

/** Lines that are forgotten at a time: their places would fill memory. */
const mostRemembered = 16_384;

function createLineCount() {
  let passedBytes = 0;
  let forgotten = 0;
  /** Where lines have ended, but for the forgotten first ones. */
  let ends: number[] = [];

  /** Of the lines remembered those that have ended before. */
  function endedBefore(bytes: number): number {
    let [from, to] = [0, ends.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((ends[middle] ?? 0) < bytes) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  return {
    passed: () => forgotten + ends.length,
    pass(text: Buffer): void {
      for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, end + 1)) {
        ends.push(passedBytes + end + 1);
      }
      passedBytes += text.length;
    },
    at: (bytes: number) => forgotten + endedBefore(bytes) + 1,
    forget(bytes: number): void {
      const count = endedBefore(bytes);
      if (count < mostRemembered) return;
      ends = ends.slice(count);
      forgotten += count;
    },
  };
}
