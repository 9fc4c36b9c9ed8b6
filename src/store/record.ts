/** One record by its id. */
import { StoredText } from '../contract/stored-text.js';
import type { Database } from './database.js';
import { partitionOf } from './partition.js';

export interface StoredRecord {
  readonly body: StoredText;
  /** Position of the record's latest change: microseconds since 1970. */
  readonly position: number;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch: number;
}

/** One version of a record, as its ETag names it. */
export type Version = Pick<StoredRecord, 'position' | 'epoch'>;

export async function findRecord(
  database: Database,
  collection: string,
  id: string,
): Promise<StoredRecord | undefined> {
  const [row] = await database.read({
    name: `record ${collection}`,
    text: `select body, position, epoch from ${partitionOf(collection)} join feed using (collection)
           where collection = $1 and id = $2`,
    values: [collection, id],
  });
  const [body, position, epoch] = row ?? [];
  if (body == null) return undefined;
  return {
    body: new StoredText(body),
    position: Number(position),
    epoch: Number(epoch),
  };
}
