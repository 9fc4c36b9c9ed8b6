/** A range of a feed as NDJSON, in slices, so that a slow reader holds neither a connection nor a snapshot. */
import type pg from 'pg';
import type { Database } from '../db/database.js';

export interface FeedRange {
  readonly collection: string;
  /** The history that it is a range of. */
  readonly epoch: number;
  /** Records behind this position: microseconds since 1970. */
  readonly after: number;
  /** Records up to and with this position. */
  readonly through: number;
}

/** Whole lines: the records behind `after`, up to and with `through`. */
export interface Slice {
  readonly lines: Buffer;
  readonly records: number;
  readonly after: number;
  readonly through: number;
  /** The feed's newest position, and its history, in the snapshot that the slice was read from. */
  readonly seen: number;
  readonly epoch: number;
}

/** The first `limit` records of a range. */
export interface SliceRequest extends FeedRange {
  readonly limit: number;
}

/** The first slice comes soon, and each is twice the one before until there are few of them. */
const [firstRecords, mostRecords] = [2_000, 10_000];

/**
 * A record that changes while the range is read leaves it and moves behind `through`, where the next range finds it. While a slice is sent, PostgreSQL works on the next, and on no more than that.
 */
export async function* readSlices(
  feedRange: FeedRange,
  read: (request: SliceRequest) => Promise<Slice>,
): AsyncGenerator<Slice> {
  let limit = firstRecords;
  const readBehind = (after: number) => {
    if (after >= feedRange.through) return undefined;
    const slice = read({ ...feedRange, after, limit });
    // The reader may have stopped; one that goes on gets the error when it awaits the slice.
    slice.catch(() => undefined);
    limit = Math.min(2 * limit, mostRecords);
    return slice;
  };
  let slice = await readBehind(feedRange.after);
  while (slice !== undefined && slice.records > 0) {
    const next = readBehind(slice.through);
    yield slice;
    slice = await next;
  }
}

/** Empty where the range holds no record. */
export async function readSlice(database: Database, request: SliceRequest): Promise<Slice> {
  return database.snapshot((client) => readSliceIn(client, request));
}

interface SliceRow {
  readonly records: string;
  readonly end: string | null;
  readonly seen: string;
  readonly epoch: string;
}

async function readSliceIn(
  client: pg.PoolClient,
  { collection, after, through, limit }: SliceRequest,
): Promise<Slice> {
  // COPY takes no parameters, so they travel as settings of this transaction.
  const { rows } = await client.query<SliceRow>(
    `select slice.*, feed.last as seen, feed.epoch, set_config('feed.collection', $1, true), set_config('feed.after', $2::text, true),
       set_config('feed.through', coalesce("end", 0)::text, true)
     from feed, lateral (
       select count(*) as records, max(position) as "end" from (
         select position from record
         where collection = $1 and position > $2::bigint and position <= $3::bigint
         order by position limit $4
       ) as first
     ) as slice
     where feed.collection = $1`,
    [collection, after, through, limit],
  );
  const [range] = rows;
  if (range === undefined) throw new Error(`the store has no feed of ${collection}`);
  const { end, records, seen, epoch } = range;
  return {
    lines: end === null ? Buffer.alloc(0) : await copyLines(client),
    ...{ records: Number(records), after, through: end === null ? after : Number(end) },
    ...{ seen: Number(seen), epoch: Number(epoch) },
  };
}

/** Loaded by the first export: a start does not wait for it. */
async function copyLines(client: pg.PoolClient): Promise<Buffer> {
  const { to } = await import('pg-copy-streams');
  return Buffer.concat((await client.query(to(copySlice)).toArray()) as Buffer[]);
}

// JSON text holds no control characters, so with these as quote and delimiter it arrives untouched.
const copySlice = `
  copy (
    select body from record
    where collection = current_setting('feed.collection')
      and position > current_setting('feed.after')::bigint
      and position <= current_setting('feed.through')::bigint
    order by position
  ) to stdout with (format csv, quote e'\\x01', delimiter e'\\x02')`;
