/** The histories of the feeds: a restored or copied database is recognised as another by what PostgreSQL says of itself. */
import type { Database } from '../db/database.js';

interface FeedContract {
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
  collections: readonly FeedContract[],
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
    text: `update feed set epoch = ${nextEpoch}, database = ${identity}
           where database <> ${identity} returning collection`,
  });
  return renewed.map(({ collection }) => collection);
}

/** A feed as operators see it. */
interface FeedState {
  readonly collection: string;
  /** Microseconds since 1970 at which its history began. */
  readonly epoch: number;
  /** The newest position, 0 while it is empty. */
  readonly last: number;
}

export interface Histories {
  feedStates(): Promise<readonly FeedState[]>;
  /** Gives every feed a new epoch: every cursor of the old one is refused from then on. */
  renewEpochs(): Promise<void>;
}

export function historiesOn(database: Database): Histories {
  return {
    feedStates: async () => {
      const rows = await database.query<{ collection: string; epoch: string; last: string }>({
        text: 'select collection, epoch, last from feed order by collection',
      });
      return rows.map(({ collection, epoch, last }) => ({
        ...{ collection, epoch: Number(epoch), last: Number(last) },
      }));
    },
    renewEpochs: async () => {
      await database.query({ text: `update feed set epoch = ${nextEpoch}` });
    },
  };
}

/** Larger than any before, also where the clock was set back. */
const nextEpoch = 'greatest(epoch + 1, feed_clock())';

/** Of the database that a statement runs in. */
export const identity = `(select (select system_identifier from pg_control_system()) || ':' || oid
  from pg_database where datname = current_database())`;
