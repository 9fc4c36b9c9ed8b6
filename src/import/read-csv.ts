/** CSV files whose header names fields of a collection: each row as a resource that the mapping reads. */
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { Collection } from '../contract/collections.js';
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
    return;
  }
  const read = createRowReader(collection);
  let isHeader = true;
  for await (const row of rowsOf(bytes)) {
    if ('kind' in row) {
      yield [row];
      continue;
    }
    const line = read(row);
    if (line !== undefined) yield [line];
    // A header that is not understood makes every row unreadable.
    if (isHeader && line !== undefined) return;
    isHeader = false;
  }
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

async function* rowsOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<CsvRow | Line> {
  const { parse } = await import('csv-parse');
  const skipped: Line[] = [];
  const parser = parse({
    bom: true,
    info: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxRowBytes,
    on_skip: (error) => {
      const line: unknown = error?.lines;
      skipped.push(unreadable(typeof line === 'number' ? line : 1, 'must be CSV as in RFC 4180'));
      return undefined;
    },
  });
  const text = textOf(bytes);
  // The parser gives what its options ask for.
  const rows = Readable.from(text.chunks()).pipe(parser) as AsyncIterable<Parsed>;
  let last: CsvRow | undefined;
  for await (const { record, info } of rows) {
    yield* skipped.splice(0);
    if (last !== undefined) yield last;
    last = { cells: record, number: info.lines };
  }
  // What stands before a broken end may be the beginning of a longer row.
  if (last !== undefined && text.fault() === undefined) yield last;
  yield* skipped;
  if (text.fault() !== undefined) yield brokenEnd(text.fault(), last?.number ?? 0);
}

/** The text, ended early where the bytes can be read no further. */
function textOf(bytes: AsyncIterable<Buffer>) {
  let fault: unknown;
  return {
    fault: () => fault,
    async *chunks(): AsyncGenerator<string> {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      try {
        for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
        yield decoder.decode();
      } catch (error) {
        fault = error;
      }
    },
  };
}

/** @throws the fault itself when it is not the decoder's */
function brokenEnd(fault: unknown, last: number): Line {
  if (!(fault instanceof TypeError)) throw fault;
  return { kind: 'unreadable', number: last + 1, rule: 'utf-8', reason: 'must be UTF-8' };
}

function unreadable(number: number, reason: string): Line {
  return { kind: 'unreadable', number, rule: 'csv', reason };
}
