/** A load beside a bare INSERT … ON CONFLICT of the same rows, in a collection that holds many records already. */
import type pg from 'pg';
import type { MeasuredLoad } from './measured-load.js';

export interface ManyStored {
  readonly insertSeconds: number;
  readonly load: MeasuredLoad;
  readonly records: number;
}

const columns = [
  ...['collection', 'id', 'position', 'version', 'patient_id', 'record_state', 'digest'],
  ...[
    'created_position',
    'created_by',
    'updated_by',
    'deleted_position',
    'source_version',
    'origin',
  ],
  ...['retracted_by', 'source_id', 'source_place', 'source_digest', 'refers_to', 'own', 'load_id'],
  ...['contract', 'body'],
];

/** How many results the collection holds. */
export async function storedCount(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `select count(*) from record where collection = 'lab_results'`,
  );
  return Number(rows[0]?.count);
}

/**
 * Fills the collection with copies of one record under ids of their own, its indexes made behind.
 * @param load loads a few results, one of which is copied
 */
export async function fill(
  client: pg.Client,
  count: number,
  load: () => Promise<unknown>,
): Promise<void> {
  await load();
  await client.query(`
    create table filled (like record including defaults including generated including storage);
    alter table filled set (autovacuum_enabled = false);
    set synchronous_commit = off`);
  const ids = columns.map((name) => copied[name] ?? name).join(', ');
  for (let from = 0; from < count; from += rowsAPortion) {
    await client.query(
      `insert into filled (${columns.join(', ')}) select ${ids}
       from (select * from record where collection = 'lab_results' and origin is null limit 1) as one,
         lateral (select n, md5(n::text) as random from generate_series($1::bigint, $2::bigint) as n) as each`,
      [from + 1, Math.min(count, from + rowsAPortion)],
    );
  }
  // Attaching makes the indexes.
  await client.query(`
    set maintenance_work_mem = '512MB';
    alter table record detach partition record_lab_results;
    drop table record_lab_results;
    alter table filled rename to record_lab_results;
    alter table record attach partition record_lab_results for values in ('lab_results')`);
  await client.query('vacuum analyze record_lab_results');
}

const rowsAPortion = 500_000;

const copied: Readonly<Record<string, string>> = {
  id: `'ehr:Observation:' || random`,
  position: 'position - 1000000000 + n',
  created_position: 'position - 1000000000 + n',
  patient_id: `'ehr:Patient:' || left(md5((n / 20)::text), 30)`,
  source_id: 'null::bigint',
  body: `replace(body, substr(id, 17), random)`,
};

/** @param load loads the extract into the collection as it is; both begin with the rows not there. */
export async function compareManyStored(
  client: pg.Client,
  load: () => Promise<MeasuredLoad>,
): Promise<ManyStored> {
  const { rows } = await client.query<{ last: string }>(
    `select max(position) as last from record where collection = 'lab_results'`,
  );
  const last = rows[0]?.last ?? '0';
  await load();
  await client.query(
    `create table bench_rows as
     select ${columns.join(', ')} from record where collection = 'lab_results' and position > ${last}`,
  );
  await takeAway(client, last);
  const start = performance.now();
  const inserted = await client.query(
    `insert into record (${columns.join(', ')}) select * from bench_rows
     on conflict (collection, id) do update set position = excluded.position, body = excluded.body`,
  );
  const insertSeconds = (performance.now() - start) / 1000;
  await takeAway(client, last);
  const measured = await load();
  await takeAway(client, last);
  await client.query('drop table bench_rows');
  return { insertSeconds, load: measured, records: inserted.rowCount ?? 0 };
}

async function takeAway(client: pg.Client, last: string): Promise<void> {
  await client.query(
    `delete from record where collection = 'lab_results' and position > ${last};
     truncate source, change`,
  );
  await client.query('vacuum record_lab_results');
  await client.query('checkpoint');
}
