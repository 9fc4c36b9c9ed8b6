/** Records that their collection does not hold yet: copied into their places, for half of what an insert costs. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import {
  type NewRecords,
  type Places,
  changeColumns,
  changeRows,
  recordColumns,
  recordRows,
} from './new-rows.js';
import { partitionOf } from './partition.js';
import { insertSources } from './sources.js';
import type { StagedRow } from './staging-table.js';
import { advance } from './write-statement.js';

/** To be asked under the collection's lock, which keeps what is new so. */
export async function findPlaces(
  client: pg.PoolClient,
  collection: string,
  rows: readonly StagedRow[],
  last: string,
): Promise<Places> {
  const { rows: found } = await client.query<{
    after: string;
    first_source: string;
    stored: readonly number[] | null;
  }>({
    name: `places_${collection}`,
    text: placesStatement(partitionOf(collection)),
    values: [collection, last, rows.map(({ id }) => id)],
  });
  const [{ after, first_source: first, stored } = nowhere] = found;
  return { after: Number(after), firstSource: BigInt(first), stored: new Set(stored) };
}

const nowhere = { after: '0', first_source: '0', stored: null };

const placesStatement = (partition: string) => `
  select greatest($2::bigint, feed_clock()) as after, nextval('source_id') as first_source, (
    select array_agg(n::integer - 1) from unnest($3::text[]) with ordinality as sought (id, n)
    where exists (select from ${partition} as record where collection = $1 and record.id = sought.id offset 0)
  ) as stored`;

/** @returns the position of the last one */
export async function insertNew(client: pg.PoolClient, records: NewRecords): Promise<string> {
  const { collection, contract, load, rows, places } = records;
  if (rows.length === 0) return String(places.after);
  const newest = String(places.after + rows.length);
  await copy(client, `record (${recordColumns})`, recordRows(records));
  await copy(client, `change (${changeColumns})`, changeRows(records));
  const resources = rows.flatMap(({ resource, resourceDigest }) =>
    resourceDigest === undefined ? [] : [resource ?? ''],
  );
  if (resources.length > 0) {
    const { firstSource: firstId } = places;
    await insertSources(client, { collection, firstId, mapping: load.mapping ?? '', resources });
  }
  await client.query({
    name: 'advance',
    text: advanceStatement,
    values: [collection, newest, contract],
  });
  return newest;
}

const advanceStatement = advance('select $2::bigint as position', '$3::text');

async function copy(client: pg.PoolClient, into: string, rows: Iterable<Buffer>): Promise<void> {
  const sink = client.query(copyFrom(`copy ${into} from stdin with (format binary)`));
  await pipeline(Readable.from(rows, { objectMode: true }), sink);
}
