/** Which contract the stored records were written under, and whether this service's is one they were brought to. */
import type { Database } from './database.js';
import { lock } from './lock.js';

export interface Waiting {
  readonly collection: string;
  /** Records that still have to be brought to this service's contract. */
  readonly records: number;
}

interface OfContract {
  readonly name: string;
  readonly fingerprint: string;
}

/** What this service has to wait for: nothing once its contract was reached, also when a newer one has followed. */
export async function waitingRecords(
  database: Database,
  collections: readonly OfContract[],
): Promise<readonly Waiting[]> {
  const behind = await database.query<{ collection: string; fingerprint: string }>({
    name: 'contract_state',
    text: `select collection, fingerprint
           from unnest($1::text[], $2::text[]) as served (collection, fingerprint)
           join feed using (collection)
           where contract <> fingerprint and fingerprint <> all(superseded) order by collection`,
    values: [collections.map(({ name }) => name), collections.map((of) => of.fingerprint)],
  });
  const waiting: Waiting[] = [];
  for (const { collection, fingerprint } of behind) {
    const records = await countOthers(database, collection, fingerprint);
    waiting.push({ collection, records });
  }
  return waiting;
}

/** Records that were written under another contract. */
async function countOthers(
  database: Database,
  collection: string,
  fingerprint: string,
): Promise<number> {
  const [row] = await database.query<{ count: string }>({
    text: 'select count(*) from record where collection = $1 and contract <> $2',
    values: [collection, fingerprint],
  });
  return Number(row?.count);
}

/** From now on a writer of another contract is noticed. */
export async function beginRevalidation(
  database: Database,
  collection: string,
  fingerprint: string,
): Promise<void> {
  await database.query({
    text: 'update feed set revalidating = $2 where collection = $1',
    values: [collection, fingerprint],
  });
}

/** Whether all records now stand under the contract; not when some do not, or another writer came between. */
export async function endRevalidation(
  database: Database,
  collection: string,
  fingerprint: string,
): Promise<boolean> {
  if ((await countOthers(database, collection, fingerprint)) > 0) return false;
  return database.transaction(async (client) => {
    await lock(client, collection);
    const { rowCount } = await client.query(
      `update feed set contract = $2, revalidating = '',
         superseded = case
           when $2 = any(superseded) then superseded[: array_position(superseded, $2) - 1]
           when contract in ('', $2) then superseded
           else superseded || contract end
       where collection = $1 and (revalidating = $2 or contract = $2)`,
      [collection, fingerprint],
    );
    return rowCount === 1;
  });
}
