/**
 * Records that are not stored yet, copied straight into their table.
 *
 * A first load is nearly all new records, and comparing each with nothing is wasted work. The ids that are stored are
 * found in one round trip; under the feed's lock the others stay new. What an insert would compute in SQL (positions,
 * digests, the audit columns at the end of the served text, the rows of kept resources) is computed here, and the rows are
 * sent in PostgreSQL's binary COPY format, whose values carry their lengths, so that neither side searches text for
 * delimiters. This costs half of what an insert does. Positions are microseconds, one a record, counted on from the
 * newest.
 */
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { RecordState } from '../../contract/collections.js';
import { partitionOf } from '../../db/database.js';
import { insertSources, resourcesARow } from './sources.js';
import type { Load, StagedRow } from './staged-record.js';
import { advance } from './staging.js';

/** Runs under the collection's lock, which keeps new what is new. */
export async function findPlaces(
  client: pg.PoolClient,
  collection: string,
  rows: readonly StagedRow[],
  last: string,
): Promise<Places> {
  const { rows: found } = await client.query<{
    after: string;
    first_source: string;
    stored: readonly number[] | null;
  }>({
    name: `places_${collection}`,
    text: placesStatement(partitionOf(collection)),
    values: [collection, last, rows.map(({ id }) => id)],
  });
  const [{ after, first_source: first, stored } = nowhere] = found;
  return { after: Number(after), firstSource: BigInt(first), stored: new Set(stored) };
}

const nowhere = { after: '0', first_source: '0', stored: null };

const placesStatement = (partition: string) => `
  select greatest($2::bigint, feed_clock()) as after, nextval('source_id') as first_source, (
    select array_agg(n::integer - 1) from unnest($3::text[]) with ordinality as keys (id, n)
    where exists (select from ${partition} as record where collection = $1 and record.id = keys.id offset 0)
  ) as stored`;

/** @returns the position of the last one */
export async function insertNew(client: pg.PoolClient, records: NewRecords): Promise<string> {
  const { collection, contract, load, rows, places } = records;
  if (rows.length === 0) return String(places.after);
  const newest = String(places.after + rows.length);
  await copy(client, `record (${recordColumns})`, recordRows(records));
  await copy(client, `change (${changeColumns})`, changeRows(records));
  const resources = rows.flatMap(({ resource, resourceDigest }) =>
    resourceDigest === undefined ? [] : [resource ?? ''],
  );
  if (resources.length > 0) {
    const { firstSource: firstId } = places;
    await insertSources(client, { collection, firstId, mapping: load.mapping ?? '', resources });
  }
  await client.query({
    name: 'advance',
    text: advanceStatement,
    values: [collection, newest, contract],
  });
  return newest;
}

const advanceStatement = advance('select $2::bigint as position', '$3::text');

async function copy(client: pg.PoolClient, into: string, rows: Iterable<Buffer>): Promise<void> {
  const sink = client.query(copyFrom(`copy ${into} from stdin with (format binary)`));
  await pipeline(Readable.from(rows, { objectMode: true }), sink);
}

/** Positions for the new records of a batch, and which of its rows are stored already. */
export interface Places {
  /** Positions begin behind this one: microseconds since 1970. */
  readonly after: number;
  readonly firstSource: bigint;
  /** Indices of the rows whose ids are stored. */
  readonly stored: ReadonlySet<number>;
}

export interface NewRecords {
  readonly collection: string;
  readonly contract: string;
  readonly load: Load;
  readonly rows: readonly StagedRow[];
  readonly places: Places;
}

// What is the same in all rows of a batch comes first.
const recordColumns = `collection, version, created_by, updated_by, load_id, contract,
  id, position, created_position, deleted_position, patient_id, record_state, digest, source_version,
  origin, retracted_by, refers_to, own, source_id, source_place, source_digest, body`;

function recordRows({ collection, contract, load, rows, places }: NewRecords) {
  const same = bytesOf((out) => {
    putRow(out, 22);
    putText(out, collection);
    putInt4(out, 1);
    putText(out, load.source);
    putText(out, load.source);
    putInt8(out, Number(load.id));
    putText(out, contract);
  });
  const auditText = createAuditText(load.source);
  const firstSource = Number(places.firstSource);
  let position = places.after;
  let kept = 0;
  return binaryRows(rows, (out, row) => {
    position += 1;
    putBytes(out, same);
    writeOwn(out, row, position);
    if (row.resourceDigest === undefined) {
      for (let field = 0; field < 3; field += 1) putText(out, undefined);
    } else {
      putInt8(out, firstSource + Math.floor(kept / resourcesARow));
      putInt2(out, kept % resourcesARow);
      putHex(out, row.resourceDigest);
      kept += 1;
    }
    putTextEndingIn(out, row.content, auditText(row.recordState, position));
  });
}

function writeOwn(out: Written, row: StagedRow, position: number): void {
  putText(out, row.id);
  putInt8(out, position);
  putInt8(out, position);
  putInt8(out, isDeleted(row.recordState) ? position : undefined);
  putText(out, row.patientId);
  putText(out, row.recordState);
  putHex(out, hash('sha256', row.content));
  putText(out, row.sourceVersion);
  putText(out, row.origin);
  putText(out, row.retractedBy);
  putText(out, row.refersTo);
  putText(out, row.own);
}

const changeColumns = 'collection, version, load_id, position, id';

function changeRows({ collection, load, rows, places }: NewRecords) {
  const same = bytesOf((out) => {
    putRow(out, 5);
    putText(out, collection);
    putInt4(out, 1);
    putInt8(out, Number(load.id));
  });
  let position = places.after;
  return binaryRows(rows, (out, { id }) => {
    position += 1;
    putBytes(out, same);
    putInt8(out, position);
    putText(out, id);
  });
}

function isDeleted(state: RecordState): boolean {
  return state === 'retracted' || state === 'missing' || state === 'erased';
}

/** The audit columns of a record's first version, in the contract's order, with the brace that closes the record. */
function createAuditText(source: string): (state: RecordState, position: number) => string {
  const by = JSON.stringify(source);
  const timeOf = createTimeOf();
  return (state, position) => {
    const time = timeOf(position);
    const deleted = isDeleted(state) ? `"${time}"` : 'null';
    return (
      `,"created_ts":"${time}","updated_ts":"${time}","created_by":${by},"updated_by":${by}` +
      `,"is_active":${state === 'active'},"record_state":"${state}","deleted_ts":${deleted},"version":1}`
    );
  };
}

/** A position as RFC 3339. Neighbours share their second, so it is written once. */
function createTimeOf(): (position: number) => string {
  let second = -1;
  let text = '';
  return (position) => {
    const own = Math.floor(position / 1e6);
    if (own !== second) {
      second = own;
      text = new Date(own * 1000).toISOString().slice(0, 20);
    }
    return `${text.slice(0, 19)}.${String(position - own * 1e6).padStart(6, '0')}Z`;
  };
}

/*
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
interface Written {
  buffer: Buffer;
  at: number;
}

/** The rows of the items, in chunks, each written when the one before was consumed. */
function* binaryRows<Item>(
  items: Iterable<Item>,
  write: (out: Written, item: Item) => void,
): Generator<Buffer> {
  let out = nothingWritten();
  putBytes(out, head);
  for (const item of items) {
    write(out, item);
    if (out.at < chunkBytes) continue;
    yield writtenBytes(out);
    out = nothingWritten();
  }
  putBytes(out, end);
  yield writtenBytes(out);
}

/** What is the same in every row, to be put there with `putBytes`. */
function bytesOf(write: (out: Written) => void): Buffer {
  const out = nothingWritten();
  write(out);
  return writtenBytes(out);
}

function putBytes(out: Written, bytes: Buffer): void {
  reserve(out, bytes.length);
  out.at += bytes.copy(out.buffer, out.at);
}

/** How many fields the row has that begins here. */
function putRow(out: Written, fields: number): void {
  reserve(out, 2);
  out.at = out.buffer.writeInt16BE(fields, out.at);
}

function putText(out: Written, value: string | undefined): void {
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
function putTextEndingIn(out: Written, value: string, ending: string): void {
  reserve(out, 4 + (value.length + ending.length) * bytesAUnit);
  const from = out.at;
  out.at += 4 + out.buffer.write(value, from + 4) - 1;
  out.at += out.buffer.write(ending, out.at);
  out.buffer.writeInt32BE(out.at - from - 4, from);
}

/** Bytes, given in hexadecimal. */
function putHex(out: Written, hex: string): void {
  putLength(out, hex.length / 2);
  reserve(out, hex.length / 2);
  out.at += out.buffer.write(hex, out.at, 'hex');
}

function putInt8(out: Written, value: number | undefined): void {
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

function putInt4(out: Written, value: number): void {
  putLength(out, 4);
  reserve(out, 4);
  out.at = out.buffer.writeInt32BE(value, out.at);
}

function putInt2(out: Written, value: number): void {
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

function writtenBytes({ buffer, at }: Written): Buffer {
  return buffer.subarray(0, at);
}
