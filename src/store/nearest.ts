/** Reads are answered by the replica where it knows enough, and by the primary otherwise. */
import type { Database } from './database.js';
import type { Replica } from './replica.js';

export interface Databases {
  readonly primary: Database;
  readonly replica: Replica | undefined;
}

/** @param suffices whether a replica that is behind could answer so: the primary is not asked then */
export async function readNearest<Result>(
  { primary, replica }: Databases,
  read: (database: Database) => Promise<Result>,
  suffices: (found: Result) => boolean,
): Promise<Result> {
  const near = replica?.database();
  if (near !== undefined) {
    try {
      const found = await read(near);
      if (suffices(found)) return found;
    } catch (error) {
      replica?.failed(error);
    }
  }
  return read(primary);
}
