/** The lock of a feed, which whoever takes positions holds to the commit. */
import type pg from 'pg';

/** Holds the collection's feed until the transaction ends. */
export async function lock(client: pg.PoolClient, collection: string): Promise<string> {
  const { rows } = await client.query<{ last: string }>({
    name: 'lock',
    text: 'select feed_lock($1) as last',
    values: [collection],
  });
  return rows[0]?.last ?? '0';
}
