/** Count and digest of a range of a feed, read from its index alone. */
import type { Database } from '../db/database.js';
import type { Statement } from '../db/statement.js';

export interface DigestRequest {
  readonly collection: string;
  /** The first position that it covers: microseconds since 1970. */
  readonly from: number;
  /** The first position behind it. */
  readonly to: number;
  /** Records that it covers at most. */
  readonly limit: number;
}

export interface Digest {
  readonly count: number;
  /** Position of its last record; none when there is no record. */
  readonly end: number | undefined;
  /** 15 hexadecimal digits. */
  readonly digest: string;
  /** The feed's newest position, read in the same statement. */
  readonly last: number;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch: number;
}

interface Row {
  readonly count: string;
  readonly end: string | null;
  readonly digest: string;
  readonly last: string;
  readonly epoch: string;
}

export async function readDigest(database: Database, request: DigestRequest): Promise<Digest> {
  const [row] = await database.query<Row>(digestStatement(request));
  if (row === undefined) throw new Error(`the store has no feed of ${request.collection}`);
  return {
    count: Number(row.count),
    end: row.end === null ? undefined : Number(row.end),
    digest: row.digest,
    last: Number(row.last),
    epoch: Number(row.epoch),
  };
}

/** Exported for the tests of its plan. */
export function digestStatement({ collection, from, to, limit }: DigestRequest): Statement {
  return {
    name: 'digest',
    text: `
      select feed.last, feed.epoch, found.*
      from feed, lateral (
        select count(*) as count, max(position) as "end", lpad(to_hex(coalesce(bit_xor(
            ('x0' || substr(md5(position || ' ' || id), 1, 15))::bit(64)::bigint
          ), 0)), 15, '0') as digest
        from (
          select id, position from record
          where collection = $1 and position >= $2::bigint and position < $3::bigint
          order by position limit $4
        ) as covered
      ) as found
      where feed.collection = $1`,
    values: [collection, from, to, limit],
  };
}
