/** A record as a message: its JSON as the feed serves it, with the two columns by which BigQuery applies changes. */
import { changeColumns } from '../warehouse/warehouse.js';
import { ProducerError } from './producer-error.js';

interface Change {
  readonly collection: string;
  /** The feed's history, 16 hexadecimal digits. */
  readonly epoch: string;
}

/** Of the data and attributes of one message. @see https://cloud.google.com/pubsub/quotas */
const mostBytes = 10_000_000;
/** What attributes, key and framing take at most. */
const reservedBytes = 2_000;

/**
 * Bytes are put in, nothing is parsed: the service has checked it against the contract.
 * @param records of one page, each as NDJSON gives it
 * @returns the data of its messages, side by side in one piece of memory
 * @throws ProducerError when one is longer than Pub/Sub takes
 */
export function changesOf(
  records: readonly Uint8Array[],
  { collection, epoch }: Change,
): readonly Buffer[] {
  const end = Buffer.from(changeColumns('UPSERT', epoch, 0));
  const size = records.reduce((sum, { length }) => sum + length - 1 + end.length, 0);
  const bytes = Buffer.allocUnsafe(size);
  let start = 0;
  return records.map((record) => {
    // Its closing brace gives way to the comma of what is put behind it.
    const recordEnd = start + record.length - 1;
    bytes.set(record, start);
    const time = findTime(bytes, start, recordEnd);
    bytes.set(end, recordEnd);
    const data = bytes.subarray(start, recordEnd + end.length);
    if (data.length > mostBytes - reservedBytes) throw tooLong(collection, record, data.length);
    start += data.length;
    writeHexadecimal(bytes, start - '"}'.length, positionAt(bytes, time));
    return data;
  });
}

function tooLong(collection: string, record: Uint8Array, length: number): ProducerError {
  return new ProducerError(
    'data',
    `the ${collection} record at ${updatedTsOf(record)} makes a message of ${length} bytes, and Pub/Sub takes ${mostBytes}: shorten it at its source and load it again; nothing behind it is published before`,
  );
}

export function updatedTsOf(record: Uint8Array): string {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.length);
  const time = findTime(bytes, 0, bytes.length - 1);
  return bytes.toString('latin1', time, time + timePattern.length - 1);
}

const name = Buffer.from('"updated_ts":"');
const timePattern = Buffer.from('0000-00-00T00:00:00.000000Z"');
const hexDigits = Buffer.from('0123456789abcdef');
const [opening, closing] = Buffer.from('{}');
const [zero = 0, nine = 0] = Buffer.from('09');

/**
 * The audit columns come last, and a quote inside of a text is escaped, so that the last such name is the column.
 * @param end where the record's closing brace is
 * @returns where the time begins
 */
function findTime(bytes: Buffer, start: number, end: number): number {
  const found = bytes.lastIndexOf(name, end);
  const time = found + name.length;
  const isRecord = bytes[start] === opening && bytes[end] === closing && found > start;
  if (isRecord && isTime(bytes, time)) return time;
  throw new ProducerError(
    'data',
    'a line of the feed is no record with updated_ts: something between changed what the service sent; read SERVICE_URL without it',
  );
}

function isTime(bytes: Buffer, start: number): boolean {
  for (let at = 0; at < timePattern.length; at += 1) {
    const byte = bytes[start + at] ?? 0;
    const wanted = timePattern[at];
    if (wanted === zero ? byte < zero || byte > nine : byte !== wanted) return false;
  }
  return true;
}

function positionAt(bytes: Buffer, time: number): number {
  const ms = Date.UTC(
    numberAt(bytes, time, 4),
    numberAt(bytes, time + 5, 2) - 1,
    numberAt(bytes, time + 8, 2),
    numberAt(bytes, time + 11, 2),
    numberAt(bytes, time + 14, 2),
    numberAt(bytes, time + 17, 2),
  );
  return ms * 1000 + numberAt(bytes, time + 20, 6);
}

function numberAt(bytes: Buffer, start: number, digits: number): number {
  let value = 0;
  for (let at = start; at < start + digits; at += 1) value = value * 10 + (bytes[at] ?? 0) - zero;
  return value;
}

/** From its last digit on; what stands before its first one stays. */
function writeHexadecimal(bytes: Buffer, end: number, value: number): void {
  for (let at = end - 1, rest = value; rest > 0; at -= 1, rest = Math.floor(rest / 16)) {
    bytes[at] = hexDigits[rest % 16] ?? 0;
  }
}
