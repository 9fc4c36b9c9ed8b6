/** Median time of a page in stores of 100,000, 1 million and 10 million records: it must not grow with them. */
import pg from 'pg';
import { readerSettings } from '../src/db/database.js';
import { type PageRequest, pageStatement } from '../src/feed/page.js';
import { type Check, type Report, type Result, medianOf } from './comparison.js';
import { type Dataset, query } from './dataset.js';

const sizes = (process.env.BENCH_SCALE ?? '100000,1000000').split(',').map(Number);
const rounds = 300;
const mostOfSmallest = 1.2;
const perPatient = 200;
/** A patient's results come so many at a time, as those of a panel do. */
const perPanel = 10;

export async function scale({ url }: Dataset): Promise<readonly Report[]> {
  const clients = new Map<number, pg.Client>();
  for (const size of sizes) clients.set(size, await filled(url, size));
  const samples = new Map<string, number[]>();
  const notes: string[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [size, client] of clients) {
        for (const [name, request] of requestsOf(size, round)) {
          const label = labelOf(name, size);
          const values = samples.get(label) ?? [];
          samples.set(label, values);
          // The first time it may come from the disk, whatever the size of the store.
          await timed(client, request);
          values.push(await timed(client, request));
        }
      }
    }
    for (const [size, client] of clients) notes.push(await storedNote(client, size));
  } finally {
    for (const client of clients.values()) await client.end();
  }
  const results: Result[] = [...samples].map(([name, values]) => ({
    ...{ name, unit: 'ms', values, median: medianOf(values) },
  }));
  return [
    {
      title: 'Pages by size of the store',
      unit: 'ms',
      results,
      checks: checksOf(samples),
      notes,
    },
  ];
}

async function storedNote(client: pg.Client, size: number): Promise<string> {
  const { rows } = await client.query<{ heap: string; indexes: string }>(
    `select sum(pg_table_size(oid)) as heap, sum(pg_indexes_size(oid)) as indexes
     from pg_class where relname like 'record%' and relkind = 'r'`,
  );
  const bytes = (of: string | undefined) => `${(Number(of) / size).toFixed(0)} bytes`;
  return `${size.toLocaleString('en')} records: ${bytes(rows[0]?.heap)} each, and ${bytes(rows[0]?.indexes)} of indexes`;
}

const labelOf = (name: string, size: number) => `${name}, ${size.toLocaleString('en')} records`;

function requestsOf(size: number, round: number): readonly [string, PageRequest][] {
  const page = { collection: 'lab_results', limit: 100, form: 'array' as const, filter: {} };
  const patientId = `ehr:Patient:${(round * 7919) % (size / perPatient)}`;
  // Each round reads other records, the same share of the way into each store; `updated_since` is such a position.
  return [
    ['start', { ...page, after: round * 100 }],
    ['middle', { ...page, after: size / 2 + round * 100 }],
    ['end', { ...page, after: size - 40_000 + round * 100 }],
    ['updated_since', { ...page, after: Math.floor(size * 0.7) + round * 100 }],
    ['patient_id', { ...page, after: 0, filter: { patient_id: patientId } }],
  ];
}

async function timed(client: pg.Client, request: PageRequest): Promise<number> {
  const { name, text, values = [] } = pageStatement(request);
  const started = performance.now();
  await client.query({ name, text, values: [...values] });
  return performance.now() - started;
}

function checksOf(samples: ReadonlyMap<string, readonly number[]>): readonly Check[] {
  const [smallest = 0, ...larger] = sizes;
  const median = (name: string, size: number) => medianOf(samples.get(labelOf(name, size)) ?? []);
  return larger.flatMap((size) =>
    requestsOf(size, 0).map(([name]) => ({
      says: `${labelOf(name, size)}, beside ${smallest.toLocaleString('en')}`,
      ratio: median(name, size) / median(name, smallest),
      most: mostOfSmallest,
    })),
  );
}

/** A database of so many records, made by the server itself from one record of real shape, and kept. */
async function filled(url: string, size: number): Promise<pg.Client> {
  const name = `scale_${size}`;
  const there = await query(url, `select from pg_database where datname = '${name}'`);
  const scaled = new URL(url);
  scaled.pathname = `/${name}`;
  if (there.length === 0) {
    const [row] = await query<{ body: string }>(
      url,
      `select body from record where collection = 'lab_results' limit 1`,
    );
    await query(url, `create database ${name}`);
    await makeStore(scaled.href, size, row?.body ?? '');
  }
  const client = new pg.Client({ connectionString: scaled.href });
  await client.connect();
  await client.query(readerSettings);
  return client;
}

/** Filled before it has indexes: each key of a large one would otherwise read and write a page of its own. */
async function makeStore(url: string, size: number, body: string): Promise<void> {
  const { migrate } = await import('../src/db/migrate.js');
  await migrate({ url, collections: ['lab_results'] });
  const indexes = await query<{ drop: string; create: string }>(url, indexesOfRecord);
  await query(
    url,
    `set maintenance_work_mem = '1GB';
     ${indexes.map(({ drop }) => drop).join(';')};
     insert into feed (collection, last, epoch, database) values ('lab_results', ${size}, 1, 'scale');
     insert into record (collection, id, position, version, patient_id, record_state, digest,
       created_position, created_by, updated_by, load_id, contract, body)
     select 'lab_results', 'ehr:Observation:' || md5(n::text), n, 1,
       'ehr:Patient:' || (n / ${perPanel} % ${size / perPatient}), 'active', '', n, 'ehr', 'ehr', 1, '', ${pg.escapeLiteral(body)}
     from generate_series(1, ${size}) as n;
     ${indexes.map(({ create }) => create).join(';')}`,
  );
  await query(url, 'vacuum analyze record');
}

const indexesOfRecord = `
  select
    coalesce('alter table record drop constraint ' || conname, 'drop index ' || indexrelid::regclass) as drop,
    coalesce('alter table record add constraint ' || conname || ' ' || pg_get_constraintdef(c.oid),
      replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')) as create
  from pg_index left join pg_constraint as c on conindid = indexrelid
  where indrelid = 'record'::regclass`;
