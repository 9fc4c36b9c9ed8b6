/** Writes a batch of records under the feed's lock: what did not change takes no position. */
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Database } from './database.js';
import type { Load, StagedRecord, WriteCounts } from './staged-record.js';

export interface Batch {
  readonly collection: string;
  /** Fingerprint of the contract that the records were checked against. */
  readonly contract: string;
  /** Each id at most once. */
  readonly records: readonly StagedRecord[];
  readonly load: Load;
}

export async function writeBatch(database: Database, batch: Batch): Promise<WriteCounts> {
  if (batch.records.length === 0) return { created: 0, updated: 0, unchanged: 0 };
  return database.transaction(async (client) => {
    await client.query(prepareStaging);
    const { rows } = await client.query<{ last: string }>({
      name: 'lock',
      text: 'select feed_lock($1) as last',
      values: [batch.collection],
    });
    await stage(client, batch.records);
    return writeStaged(client, batch, rows[0]?.last ?? '0');
  });
}

// Nested loops only: a batch is small beside its collection, and without statistics on the staged rows the
// planner would rather read the whole collection into a hash for every batch.
const prepareStaging = `
  create temporary table if not exists staged (
    id text, patient_id text, record_state text, digest bytea, source_version text, content text
  ) on commit delete rows;
  set local client_min_messages = warning;
  set local enable_hashjoin = off;
  set local enable_mergejoin = off;
  set local jit = off`;

async function stage(client: pg.PoolClient, records: readonly StagedRecord[]): Promise<void> {
  const rows = client.query(
    copyFrom(`copy staged from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')`),
  );
  await pipeline(Readable.from([records.map(stagedRow).join('')]), rows);
}

/** The closing brace is left out: the audit columns come behind the content. */
function stagedRow(record: StagedRecord): string {
  const { id, patientId, recordState, content, sourceVersion = '' } = record;
  const digest = `\\x${hash('sha256', content, 'hex')}`;
  return `${[id, patientId, recordState, digest, sourceVersion, content.slice(0, -1)].join('\x02')}\n`;
}

async function writeStaged(
  client: pg.PoolClient,
  { collection, contract, records, load }: Batch,
  last: string,
): Promise<WriteCounts> {
  const { rows } = await client.query<{ created: string; updated: string }>({
    name: 'write',
    text: writeStatement,
    values: [collection, last, load.source, load.id.toString(), contract],
  });
  const created = Number(rows[0]?.created);
  const updated = Number(rows[0]?.updated);
  return { created, updated, unchanged: records.length - created - updated };
}

const writeStatement = `
  with start as materialized (
    select greatest($2::bigint, feed_clock()) as position
  ), moved as (
    select staged.*, start.position + row_number() over (order by staged.ctid) as position,
      coalesce(known.version, 0) + 1 as version, known.created_position, known.created_by,
      known.deleted_position
    from start, staged left join record as known on known.collection = $1 and known.id = staged.id
    where known.id is null
      or known.digest <> staged.digest or known.record_state <> staged.record_state
  ), dated as (
    select id, patient_id, record_state, digest, source_version, content, position, version,
      coalesce(created_position, position) as created_position,
      coalesce(created_by, $3) as created_by,
      case when record_state in ('retracted', 'missing', 'erased')
        then coalesce(deleted_position, position) end as deleted_position
    from moved
  ), written as (
    insert into record (collection, id, position, version, patient_id, record_state, digest,
      created_position, created_by, updated_by, deleted_position, source_version, load_id, contract, body)
    select $1, id, position, version, patient_id, record_state, digest, created_position, created_by,
      $3, deleted_position, source_version, $4::bigint, $5, ${bodyOf('dated')}
    from dated
    on conflict (collection, id) do update set
      position = excluded.position, version = excluded.version, patient_id = excluded.patient_id,
      record_state = excluded.record_state, digest = excluded.digest,
      updated_by = excluded.updated_by, deleted_position = excluded.deleted_position,
      source_version = excluded.source_version, load_id = excluded.load_id,
      contract = excluded.contract, body = excluded.body
  ), remembered as (
    insert into change (collection, position, id, version, load_id)
    select $1, position, id, version, $4::bigint from dated
  ), advanced as (
    update feed set last = newest.position
    from (select max(position) as position from dated) as newest
    where collection = $1 and newest.position is not null
  )
  select count(*) filter (where version = 1) as created,
    count(*) filter (where version > 1) as updated
  from dated`;

/** The served text: content without its closing brace, then the audit columns in the contract's order. */
function bodyOf(row: string): string {
  return `${row}.content
    || ',"created_ts":"' || feed_time(${row}.created_position)
    || '","updated_ts":"' || feed_time(${row}.position)
    || '","created_by":' || to_json(${row}.created_by)
    || ',"updated_by":' || to_json($3::text)
    || ',"is_active":' || case when ${row}.record_state = 'active' then 'true' else 'false' end
    || ',"record_state":"' || ${row}.record_state
    || '","deleted_ts":' || coalesce('"' || feed_time(${row}.deleted_position) || '"', 'null')
    || ',"version":' || ${row}.version || '}'`;
}
