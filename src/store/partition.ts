/** The partition of a collection, by its name: a statement of it alone needs no other to be locked or ruled out. */
import pg from 'pg';

export function partitionOf(collection: string): string {
  return pg.escapeIdentifier(`record_${collection}`);
}
