/** Writes a batch of records under the feed's lock: what did not change takes no position. */
import type pg from 'pg';
import type { Database } from '../../db/database.js';
import { findPlaces, insertNew } from './new-records.js';
import { settle, type Unsettled } from './pending-batch.js';
import { deleteSources, insertSources } from './sources.js';
import { type Load, noCounts, type WriteCounts } from './staged-record.js';
import { lock, prepareStaging, stage, type StagedRow } from './staging-table.js';
import { writeStatement } from './write-statement.js';

export interface Batch extends Unsettled {
  /** Fingerprint of the contract that the records were checked against. */
  readonly contract: string;
  readonly load: Load;
}

export async function writeBatch(database: Database, batch: Batch): Promise<WriteCounts> {
  if (batch.records.length + (batch.facts?.length ?? 0) === 0) return noCounts;
  return database.transaction(async (client): Promise<WriteCounts> => {
    await client.query(prepareStaging);
    const last = await lock(client, batch.collection);
    const rows = await settle(client, batch);
    const { collection, contract, load } = batch;
    const places = await findPlaces(client, collection, rows, last);
    const fresh = rows.filter((_, n) => !places.stored.has(n));
    const newest = await insertNew(client, { collection, contract, load, rows: fresh, places });
    const counts = { ...noCounts, created: fresh.length };
    if (fresh.length === rows.length) return counts;
    const stored = rows.filter((_, n) => places.stored.has(n));
    await stage(client, stored);
    const written = await writeStaged(client, {
      collection,
      contract,
      load,
      rows: stored,
      last: newest,
    });
    return { ...written, created: written.created + counts.created };
  });
}

interface StagedBatch extends Pick<Batch, 'collection' | 'contract' | 'load'> {
  readonly rows: readonly StagedRow[];
  readonly last: string;
}

interface Written {
  readonly created: string;
  readonly updated: string;
  readonly older: string;
  readonly total: string;
  readonly first_source: string;
  /** The rows whose resource is kept, in the order of their places. */
  readonly kept: readonly number[] | null;
  /** Rows of resources on which no record stands any more. */
  readonly emptied: readonly string[] | null;
}

/** Compares the staged rows with what is stored and writes what changed. */
export async function writeStaged(
  client: pg.PoolClient,
  { collection, contract, rows, load, last }: StagedBatch,
): Promise<WriteCounts> {
  const found = await client.query<Written>({
    name: 'write',
    text: writeStatement,
    values: [collection, last, load.source, load.id.toString(), contract, load.mapping ?? ''],
  });
  const [written] = found.rows;
  if (written === undefined) throw new Error('the write told nothing');
  if (written.kept !== null) {
    const resources = written.kept.map((n) => rows[n]?.resource ?? '');
    const firstId = BigInt(written.first_source);
    await insertSources(client, { collection, firstId, mapping: load.mapping ?? '', resources });
  }
  if (written.emptied !== null) await deleteSources(client, collection, written.emptied);
  const { created, updated, older, total } = written;
  const counts = { created: Number(created), updated: Number(updated), older: Number(older) };
  const touched = counts.created + counts.updated + counts.older;
  return { ...counts, unchanged: Number(total) - touched };
}
