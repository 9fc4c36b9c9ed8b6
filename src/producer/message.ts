/** A record as a message: its JSON as the feed serves it, with the two columns by which BigQuery applies changes. */
import { ProducerFault } from './producer-fault.js';

type ChangeType = 'UPSERT' | 'DELETE';

interface Change {
  /** The feed's history, 16 hexadecimal digits. */
  readonly epoch: string;
  readonly type?: ChangeType;
}

/** Of the data and attributes of one message. @see https://cloud.google.com/pubsub/quotas */
const mostBytes = 10_000_000;
/** What attributes, key and framing take at most. */
const reservedBytes = 2_000;

/**
 * The text is spliced, not parsed: what the service held against the contract goes on byte for byte.
 * @param line one record as NDJSON gives it
 */
export function changeText(line: string, { epoch, type = 'UPSERT' }: Change): string {
  const position = positionOf(updatedTsOf(line)).toString(16);
  return `${line.slice(0, -1)},"_CHANGE_TYPE":"${type}","_CHANGE_SEQUENCE_NUMBER":"${epoch}/${position}"}`;
}

/** @throws ProducerFault when the text is longer than Pub/Sub takes */
export function dataOf(text: string, collection: string): Buffer {
  const data = Buffer.from(text);
  if (data.length <= mostBytes - reservedBytes) return data;
  throw new ProducerFault(
    'data',
    `the ${collection} record at ${updatedTsOf(text)} makes a message of ${data.length} bytes, and Pub/Sub takes ${mostBytes}: shorten it at its source and load it again; nothing behind it is published before`,
  );
}

const updatedTs = /"updated_ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"/y;

/** The audit columns come last, and a quote inside of a text is escaped, so that the last such name is the column. */
export function updatedTsOf(line: string): string {
  updatedTs.lastIndex = line.lastIndexOf('"updated_ts":"');
  const time = updatedTs.lastIndex === -1 ? undefined : updatedTs.exec(line)?.[1];
  if (time !== undefined && line.startsWith('{') && line.endsWith('}')) return time;
  throw new ProducerFault(
    'data',
    'a line of the feed is no record with updated_ts: something between changed what the service sent; read SERVICE_URL without it',
  );
}

/** Microseconds since 1970 of a time with six fraction digits. */
export function positionOf(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26));
}
