/** The record of each load: where it came from, when, and what it brought. */
import type { Database } from '../../db/database.js';
import type { Load } from './staged-record.js';

export interface LoadStart {
  readonly source: string;
  /** What the files are called. */
  readonly files: readonly string[];
  /** Version of the mapping that makes the records. */
  readonly mapping?: string;
}

export interface LoadedFile {
  readonly name: string;
  readonly bytes: number;
  /** Of the file as it is stored, hexadecimal. */
  readonly sha256: string;
}

export interface LoadEnd {
  readonly files: readonly LoadedFile[];
  readonly counts: object;
}

export interface PastLoad {
  readonly id: bigint;
  readonly source: string;
  readonly started: Date;
  /** Absent when it runs, or was interrupted. */
  readonly ended: Date | undefined;
  readonly files: readonly (Pick<LoadedFile, 'name'> & Partial<LoadedFile>)[];
  readonly counts: Readonly<Record<string, unknown>>;
  readonly mapping: string | undefined;
}

export async function startLoad(database: Database, start: LoadStart): Promise<Load> {
  const { source, files, mapping } = start;
  const [row] = await database.query<{ id: string }>({
    text: 'insert into load (source, files, mapping) values ($1, $2, $3) returning id',
    values: [source, JSON.stringify(files.map((name) => ({ name }))), mapping],
  });
  if (row === undefined) throw new Error('the store gave the load no number');
  return { id: BigInt(row.id), source, ...(mapping !== undefined && { mapping }) };
}

export async function endLoad(database: Database, load: Load, end: LoadEnd): Promise<void> {
  await database.query({
    text: 'update load set ended = clock_timestamp(), files = $2, counts = $3 where id = $1',
    values: [load.id.toString(), JSON.stringify(end.files), JSON.stringify(end.counts)],
  });
}

interface Row {
  readonly id: string;
  readonly source: string;
  readonly started: Date;
  readonly ended: Date | null;
  readonly files: PastLoad['files'];
  readonly counts: PastLoad['counts'];
  readonly mapping: string | null;
}

export interface PastLoadsOptions {
  readonly limit: number;
  /** Loads of this source only. */
  readonly source?: string | undefined;
  /** Loads that came to their end only. */
  readonly ended?: boolean;
}

/** The newest first. */
export async function pastLoads(
  database: Database,
  { limit, source, ended = false }: PastLoadsOptions,
): Promise<readonly PastLoad[]> {
  const rows = await database.query<Row>({
    text: `select id, source, started, ended, files, counts, mapping from load
           where ($1::text is null or source = $1) and (ended is not null or not $2)
           order by id desc limit $3`,
    values: [source, ended, limit],
  });
  return rows.map((row) => ({
    ...row,
    id: BigInt(row.id),
    ended: row.ended ?? undefined,
    mapping: row.mapping ?? undefined,
  }));
}
