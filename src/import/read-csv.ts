/** CSV files whose header names fields of a collection: each row as a resource that the mapping reads. */
import { basename } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Collection } from '../contract/collections.js';
import { createRowReader, type CsvRow } from './csv-row.js';
import type { Line } from './line.js';
import { wholeRows } from './whole-rows.js';

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
