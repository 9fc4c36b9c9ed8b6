/** A store of 200,000 lab results of real shape, and the same as a table of rows for peers that read rows. */
import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import contract from '../generated/openapi.json' with { type: 'json' };
import { openEmbedded } from '../src/db/embedded/embedded.js';
import { folder, root } from './folder.js';
import { labExtract } from './lab-extract.js';

export const recordCount = 200_000;

export interface Dataset {
  readonly url: string;
  /** Of one record in the middle. */
  readonly id: string;
  close(): Promise<void>;
}

export async function openDataset(): Promise<Dataset> {
  const server = await openEmbedded({ folder: join(folder, 'pg'), role: 'command' });
  if ((await countOf(server.url)) < recordCount) await fill(server.url);
  await makeRows(server.url);
  const [row] = await query<{ id: string }>(
    server.url,
    `select id from record where collection = 'lab_results' order by position offset ${recordCount / 2} limit 1`,
  );
  return { url: server.url, id: row?.id ?? '', close: () => server.close() };
}

export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function countOf(url: string): Promise<number> {
  const [table] = await query<{ there: boolean }>(
    url,
    `select to_regclass('record') is not null as there`,
  );
  if (table?.there !== true) return 0;
  const text = `select count(*) from record where collection = 'lab_results'`;
  return Number((await query<{ count: string }>(url, text))[0]?.count);
}

async function fill(url: string): Promise<void> {
  const file = join(folder, 'lab.ndjson');
  const extract = labExtract({ results: recordCount, seed: 1 });
  await pipeline(Readable.from(extract), createWriteStream(file));
  const program = join(root, 'dist/commands/hospital-api.js');
  const load = spawnSync(process.execPath, [program, 'import', file], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await rm(file);
  if (load.status !== 0) throw new Error('the import failed');
  await query(url, 'vacuum analyze record');
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
}

const columnTypes: Readonly<Record<string, string>> = {
  number: 'double precision',
  integer: 'bigint',
  boolean: 'boolean',
  array: 'jsonb',
};

/** What a service that writes JSON itself reads: a column for each field, times as text, which costs it least. */
async function makeRows(url: string): Promise<void> {
  const { schemas } = contract.components;
  // Of each field only its type is looked at, behind a reference where it is one.
  const types = schemas as unknown as Readonly<Record<string, Schema>>;
  const { properties } = schemas.LabResult as unknown as { properties: Record<string, Schema> };
  const columns = Object.entries(properties).map(([name, field]) => {
    const { type = 'string' } = types[field.$ref?.split('/').at(-1) ?? ''] ?? field;
    return `${pg.escapeIdentifier(name)} ${columnTypes[[type].flat()[0] ?? ''] ?? 'text'}`;
  });
  await query(
    url,
    `do $$ begin
      if to_regclass('bench_row') is null then
        create table bench_row as select it.* from record,
          jsonb_to_record(body::jsonb) as it (${columns.join(', ')})
          where collection = 'lab_results' order by position;
        alter table bench_row add primary key (lab_result_id);
        create index on bench_row (updated_ts);
        analyze bench_row;
      end if;
    end $$`,
  );
}
