/** Recognises a restored or copied database as another history, by what PostgreSQL says of its identity. */
import type { Database } from './database.js';

/**
 * Makes sure that each collection has its feed, and gives feeds that came from another database a new epoch.
 * @returns the collections that got a new epoch because their database is another one
 */
export async function settleEpochs(
  database: Database,
  collections: readonly string[],
): Promise<readonly string[]> {
  await database.query({
    text: `insert into feed (collection, epoch, database)
           select name, feed_clock(), ${identity} from unnest($1::text[]) as name
           on conflict do nothing`,
    values: [collections],
  });
  const renewed = await database.query<{ collection: string }>({
    text: `update feed set epoch = greatest(epoch + 1, feed_clock()), database = ${identity}
           where database <> ${identity} returning collection`,
  });
  return renewed.map(({ collection }) => collection);
}

const identity = `(select (select system_identifier from pg_control_system()) || ':' || oid
  from pg_database where datname = current_database())`;
