/** A stretch of a feed as NDJSON, in slices, so that a slow reader holds neither a connection nor a snapshot. */
import { buffer } from 'node:stream/consumers';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Database } from './database.js';

export interface Stretch {
  readonly collection: string;
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
  /** The feed's newest position in the snapshot that the slice was read from. */
  readonly seen: number;
}

const recordsASlice = 2_000;

/**
 * A record that changes while the stretch is read leaves it and stands behind `through`, where the next stretch
 * finds it.
 */
export async function* readLines(database: Database, stretch: Stretch): AsyncGenerator<Slice> {
  let { after } = stretch;
  while (after < stretch.through) {
    const slice = await database.snapshot((client) => readSlice(client, { ...stretch, after }));
    if (slice === undefined) return;
    yield slice;
    after = slice.through;
  }
}

interface Range {
  readonly records: string;
  readonly end: string | null;
  readonly seen: string;
}

async function readSlice(
  client: pg.PoolClient,
  { collection, after, through }: Stretch,
): Promise<Slice | undefined> {
  // COPY takes no parameters, so they travel as settings of this transaction.
  const { rows } = await client.query<Range>(
    `select count(*) as records, max(position) as "end",
       (select last from feed where collection = $1) as seen,
       set_config('feed.collection', $1, true), set_config('feed.after', $2::text, true),
       set_config('feed.through', coalesce(max(position), 0)::text, true)
     from (
       select position from record
       where collection = $1 and position > $2::bigint and position <= $3::bigint
       order by position limit $4
     ) as slice`,
    [collection, after, through, recordsASlice],
  );
  const [range] = rows;
  if (range === undefined || range.end === null) return undefined;
  return {
    lines: await buffer(client.query(copyTo(copySlice))),
    records: Number(range.records),
    ...{ after, through: Number(range.end), seen: Number(range.seen) },
  };
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
