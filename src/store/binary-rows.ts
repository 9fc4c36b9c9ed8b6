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

/** What was written so far: the bytes before `at`. */
export interface Written {
  buffer: Buffer;
  at: number;
}

/** The rows of the items, in chunks, each written when the one before was taken. */
export function* binaryRows<Item>(
  items: Iterable<Item>,
  write: (out: Written, item: Item) => void,
): Generator<Buffer> {
  let out = nothingWritten();
  putBytes(out, head);
  for (const item of items) {
    write(out, item);
    if (out.at < chunkBytes) continue;
    yield taken(out);
    out = nothingWritten();
  }
  putBytes(out, end);
  yield taken(out);
}

/** What is the same in every row, to be put there with `putBytes`. */
export function bytesOf(write: (out: Written) => void): Buffer {
  const out = nothingWritten();
  write(out);
  return taken(out);
}

export function putBytes(out: Written, bytes: Buffer): void {
  reserve(out, bytes.length);
  out.at += bytes.copy(out.buffer, out.at);
}

/** How many fields the row has that begins here. */
export function putRow(out: Written, fields: number): void {
  reserve(out, 2);
  out.at = out.buffer.writeInt16BE(fields, out.at);
}

export function putText(out: Written, value: string | undefined): void {
  if (value === undefined) {
    putLength(out, -1);
    return;
  }
  reserve(out, 4 + value.length * bytesAUnit);
  const bytes = out.buffer.write(value, out.at + 4);
  putLength(out, bytes);
  out.at += bytes;
}

/** A text whose last byte gives way to another text. */
export function putTextEndingIn(out: Written, value: string, ending: string): void {
  reserve(out, 4 + (value.length + ending.length) * bytesAUnit);
  const from = out.at;
  out.at += 4 + out.buffer.write(value, from + 4) - 1;
  out.at += out.buffer.write(ending, out.at);
  out.buffer.writeInt32BE(out.at - from - 4, from);
}

/** Bytes, given in hexadecimal. */
export function putHex(out: Written, hex: string): void {
  putLength(out, hex.length / 2);
  reserve(out, hex.length / 2);
  out.at += out.buffer.write(hex, out.at, 'hex');
}

export function putInt8(out: Written, value: number | undefined): void {
  if (value === undefined) {
    putLength(out, -1);
    return;
  }
  const high = Math.floor(value / 2 ** 32);
  putLength(out, 8);
  reserve(out, 8);
  out.at = out.buffer.writeInt32BE(high, out.at);
  out.at = out.buffer.writeUInt32BE(value - high * 2 ** 32, out.at);
}

export function putInt4(out: Written, value: number): void {
  putLength(out, 4);
  reserve(out, 4);
  out.at = out.buffer.writeInt32BE(value, out.at);
}

export function putInt2(out: Written, value: number): void {
  putLength(out, 2);
  reserve(out, 2);
  out.at = out.buffer.writeInt16BE(value, out.at);
}

/** Of the field that begins here; -1 of a null. */
function putLength(out: Written, bytes: number): void {
  reserve(out, 4);
  out.at = out.buffer.writeInt32BE(bytes, out.at);
}

function reserve(out: Written, bytes: number): void {
  if (out.at + bytes <= out.buffer.length) return;
  const larger = Buffer.allocUnsafe(Math.max(2 * out.buffer.length, out.at + bytes));
  out.buffer.copy(larger, 0, 0, out.at);
  out.buffer = larger;
}

function nothingWritten(): Written {
  return { buffer: Buffer.allocUnsafe(chunkBytes + chunkBytes / 4), at: 0 };
}

function taken({ buffer, at }: Written): Buffer {
  return buffer.subarray(0, at);
}
