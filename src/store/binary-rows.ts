/**
 * Rows in PostgreSQL's binary COPY format: what is not text need not be searched for its ends.
 * @see https://www.postgresql.org/docs/current/sql-copy.html, Binary Format
 */

/** Small enough that the allocator hands the memory of one chunk to a later one. */
const chunkBytes = 64 * 1024;
/** The most bytes of UTF-8 that a UTF-16 unit takes. */
const bytesAUnit = 3;

const head = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const end = Buffer.from([0xff, 0xff]);

export interface BinaryRows {
  /** Begins a row of so many fields. */
  row(fields: number): void;
  text(value: string | undefined): void;
  bytes(value: Buffer): void;
  int8(value: number | undefined): void;
  int4(value: number): void;
  int2(value: number): void;
  /** What was written before, as `bytesOf` gave it. */
  fields(written: Buffer): void;
  /** A text whose last byte gives way to another text. */
  textEndingIn(value: string, ending: string): void;
}

/** The rows of the items, in chunks, each written when the one before was taken. */
export function* binaryRows<Item>(
  items: Iterable<Item>,
  write: (out: BinaryRows, item: Item) => void,
): Generator<Buffer> {
  const out = createRows();
  out.fields(head);
  for (const item of items) {
    write(out, item);
    if (out.length() >= chunkBytes) yield out.take();
  }
  out.fields(end);
  yield out.take();
}

/** What is the same in every row. */
export function bytesOf(write: (out: BinaryRows) => void): Buffer {
  const out = createRows();
  write(out);
  return out.take();
}

function createRows(): BinaryRows & { length(): number; take(): Buffer } {
  let buffer = Buffer.allocUnsafe(chunkBytes + chunkBytes / 4);
  let at = 0;

  function reserve(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  }

  function length(bytes: number): void {
    at = buffer.writeInt32BE(bytes, at);
  }

  function none(): void {
    reserve(4);
    length(-1);
  }

  return {
    row(fields) {
      reserve(2);
      at = buffer.writeInt16BE(fields, at);
    },
    text(value) {
      if (value === undefined) {
        none();
        return;
      }
      reserve(4 + value.length * bytesAUnit);
      const written = buffer.write(value, at + 4);
      length(written);
      at += written;
    },
    textEndingIn(value, ending) {
      reserve(4 + (value.length + ending.length) * bytesAUnit);
      const from = at;
      at += 4 + buffer.write(value, at + 4) - 1;
      at += buffer.write(ending, at);
      buffer.writeInt32BE(at - from - 4, from);
    },
    bytes(value) {
      reserve(4 + value.length);
      length(value.length);
      at += value.copy(buffer, at);
    },
    int8(value) {
      if (value === undefined) {
        none();
        return;
      }
      const high = Math.floor(value / 2 ** 32);
      reserve(12);
      length(8);
      at = buffer.writeInt32BE(high, at);
      at = buffer.writeUInt32BE(value - high * 2 ** 32, at);
    },
    int4(value) {
      reserve(8);
      length(4);
      at = buffer.writeInt32BE(value, at);
    },
    int2(value) {
      reserve(6);
      length(2);
      at = buffer.writeInt16BE(value, at);
    },
    fields(written) {
      reserve(written.length);
      at += written.copy(buffer, at);
    },
    length: () => at,
    take() {
      const taken = buffer.subarray(0, at);
      buffer = Buffer.allocUnsafe(chunkBytes + chunkBytes / 4);
      at = 0;
      return taken;
    },
  };
}
