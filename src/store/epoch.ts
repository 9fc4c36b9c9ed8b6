/** Recognises a restored or copied database as another history, by what PostgreSQL says of its identity. */
import type { Database } from './database.js';

interface FeedOf {
  readonly name: string;
  /** Of its contract. */
  readonly fingerprint: string;
}

/**
 * Makes sure that each collection has its feed, and gives feeds that came from another database a new epoch.
 * @returns the collections that got a new epoch because their database is another one
 */
export async function settleEpochs(
  database: Database,
  collections: readonly FeedOf[],
): Promise<readonly string[]> {
  await database.query({
    text: `insert into feed (collection, epoch, database, contract)
           select name, feed_clock(), ${identity}, contract
           from unnest($1::text[], $2::text[]) as of_contract (name, contract)
           on conflict (collection) do update set contract = excluded.contract
             where feed.last = 0 and feed.contract <> excluded.contract`,
    values: [collections.map(({ name }) => name), collections.map((of) => of.fingerprint)],
  });
  const renewed = await database.query<{ collection: string }>({
    text: `update feed set epoch = greatest(epoch + 1, feed_clock()), database = ${identity}
           where database <> ${identity} returning collection`,
  });
  return renewed.map(({ collection }) => collection);
}

const identity = `(select (select system_identifier from pg_control_system()) || ':' || oid
  from pg_database where datname = current_database())`;
