/** The resources that records were made from: many in one compressed row, found by number and place. */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type pg from 'pg';
import type { Database } from '../../db/database.js';

/** Resources in a row: enough to compress well, few enough to read one quickly. */
export const resourcesARow = 64;

const packedAtOnce = 4;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

export interface SourceRows {
  readonly collection: string;
  /** Number of the first row; the others follow it. */
  readonly firstId: bigint;
  readonly mapping: string;
  /** One line of JSON each. */
  readonly resources: readonly string[];
}

export async function insertSources(client: pg.PoolClient, rows: SourceRows): Promise<void> {
  const { collection, firstId, mapping, resources } = rows;
  const portions: (readonly string[])[] = [];
  for (let from = 0; from < resources.length; from += resourcesARow) {
    portions.push(resources.slice(from, from + resourcesARow));
  }
  const packed: Buffer[] = [];
  // Each needs a quarter of a megabyte while it packs, so there are only as many at once as are worked on.
  for (let from = 0; from < portions.length; from += packedAtOnce) {
    const some = portions.slice(from, from + packedAtOnce).map((lines) => lines.join('\n'));
    packed.push(...(await Promise.all(some.map((text) => deflate(text, { level: 1 })))));
  }
  await client.query({
    name: 'sources',
    text: `insert into source (collection, id, mapping, live, resources)
           select $1, $2::bigint + n - 1, $3, live, resources
           from unnest($4::smallint[], $5::bytea[]) with ordinality as packed (live, resources, n)`,
    values: [
      collection,
      firstId.toString(),
      mapping,
      portions.map((lines) => lines.length),
      packed,
    ],
  });
}

export async function deleteSources(
  client: pg.PoolClient,
  collection: string,
  ids: readonly string[],
): Promise<void> {
  await client.query({
    name: 'delete_sources',
    text: 'delete from source where collection = $1 and id = any($2::bigint[])',
    values: [collection, ids],
  });
}

/** The resource that a record was made from; nothing when it was not kept. */
export async function findResource(
  database: Database,
  collection: string,
  id: string,
): Promise<string | undefined> {
  const [row] = await database.query<{ resources: Buffer; source_place: number }>({
    text: `select resources, source_place
           from record join source on source.collection = $1 and source.id = record.source_id
           where record.collection = $1 and record.id = $2`,
    values: [collection, id],
  });
  return row && (await unpacked(row.resources))[row.source_place];
}

/** Resources in their places. */
export async function unpacked(resources: Buffer): Promise<readonly string[]> {
  return (await inflate(resources)).toString().split('\n');
}
