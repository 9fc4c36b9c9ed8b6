/** The record of each load: where it came from, when, and what it brought. */
import type { Database } from './database.js';
import type { Load } from './staged-record.js';

export interface LoadStart {
  readonly source: string;
  readonly files: readonly string[];
}

export async function startLoad(database: Database, { source, files }: LoadStart): Promise<Load> {
  const [row] = await database.query<{ id: string }>({
    text: 'insert into load (source, files) values ($1, $2) returning id',
    values: [source, JSON.stringify(files)],
  });
  if (row === undefined) throw new Error('the store gave the load no number');
  return { id: BigInt(row.id), source };
}

export async function endLoad(database: Database, load: Load, counts: object): Promise<void> {
  await database.query({
    text: 'update load set ended = clock_timestamp(), counts = $2 where id = $1',
    values: [load.id.toString(), JSON.stringify(counts)],
  });
}
