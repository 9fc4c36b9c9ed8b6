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

const recordsASlice = 2_000;

/**
 * Each chunk holds whole lines. A record that changes while the stretch is read leaves it and stands behind
 * `through`, where the next stretch finds it.
 */
export async function* readLines(database: Database, stretch: Stretch): AsyncGenerator<Buffer> {
  let { after } = stretch;
  while (after < stretch.through) {
    const slice = await database.transaction((client) => readSlice(client, { ...stretch, after }));
    if (slice.end === undefined) return;
    yield slice.lines;
    after = slice.end;
  }
}

async function readSlice(client: pg.PoolClient, { collection, after, through }: Stretch) {
  // COPY takes no parameters, so they travel as settings of this transaction.
  const { rows } = await client.query<{ end: string | null }>(
    `select max(position) as "end",
       set_config('feed.collection', $1, true), set_config('feed.after', $2::text, true),
       set_config('feed.through', coalesce(max(position), 0)::text, true)
     from (
       select position from record
       where collection = $1 and position > $2::bigint and position <= $3::bigint
       order by position limit $4
     ) as slice`,
    [collection, after, through, recordsASlice],
  );
  const end = rows[0]?.end ?? undefined;
  if (end === undefined) return { lines: Buffer.alloc(0), end };
  return { lines: await buffer(client.query(copyTo(copySlice))), end: Number(end) };
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
