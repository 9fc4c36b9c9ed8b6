/** The temporary table that a batch is copied into, to be compared and written by the database. */
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { RecordState } from '../../contract/collections.js';
import type { StagedRecord } from './staged-record.js';

export interface StagedRow extends Omit<StagedRecord, 'isPartial' | 'recordState'> {
  readonly recordState: RecordState;
  /** Version of the resource that no longer has this record; empty when it has none. */
  readonly retractedBy?: string;
  /** The resource that is kept of the record stays as it is. */
  readonly keepsSource?: boolean;
  /** JSON object of what its own resource gives where facts have changed it. */
  readonly own?: string;
}

// Nested loops over indexes only, by the batch's own keys: the staged rows have no statistics, and those of a collection
// that is just growing say that it is small, so the planner would rather read all of it for every batch.
export const prepareStaging = `
  set local client_min_messages = warning;
  create temporary table if not exists staged (
    n integer, id text collate "C", patient_id text collate "C", record_state text, digest bytea,
    source_version text collate "C", floor text collate "C", origin text collate "C",
    retracted_by text collate "C", source_digest bytea, keeps_source boolean, expected bigint,
    refers_to text collate "C", own text, content text
  ) on commit delete rows;
  set local enable_hashjoin = off;
  set local enable_mergejoin = off;
  set local enable_seqscan = off;
  set local enable_bitmapscan = off;
  set local enable_material = off;
  set local jit = off;
  set local work_mem = '64MB'`;

const quote = '\x01';

/** JSON text and printable ids hold no control characters, so with these as quote and delimiter they arrive untouched. */
export async function stage(client: pg.PoolClient, rows: readonly StagedRow[]): Promise<void> {
  const sink = client.query(
    copyFrom(`copy staged from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')`),
  );
  await pipeline(Readable.from([Buffer.from(rows.map(rowText).join(''))]), sink);
}

function rowText(row: StagedRow, n: number): string {
  const { sourceVersion = '', unconditional = false, retractedBy, resourceDigest } = row;
  const {
    id,
    patientId,
    recordState,
    origin = '',
    content,
    keepsSource = false,
    expected = '',
    refersTo = '',
    own = '',
  } = row;
  const floor = unconditional ? '' : sourceVersion;
  const retraction = retractedBy === undefined ? '' : quote + retractedBy + quote;
  const source = resourceDigest === undefined ? '' : `\\x${resourceDigest}`;
  const digest = `\\x${hash('sha256', content)}`;
  const facts = `${n}\x02${id}\x02${patientId}\x02${recordState}\x02${digest}\x02${sourceVersion}\x02`;
  const more = `${floor}\x02${origin}\x02${retraction}\x02${source}\x02${keepsSource ? 't' : 'f'}\x02${expected}\x02${refersTo}\x02${own}\x02`;
  // The closing brace is left out: the audit columns come behind the content.
  return `${facts}${more}${content.slice(0, -1)}\n`;
}

/** In JSON text a quote inside a string is escaped, so the first audit column is found by its own name. */
const firstAuditColumn = ',"created_ts":"';

/** The content of a stored record, as SQL of its row, without the closing brace. */
export const contentOfBody = `split_part(body, '${firstAuditColumn}', 1)`;

/** The content of a stored record. */
export function contentOf(body: string): string {
  return `${body.slice(0, body.indexOf(firstAuditColumn))}}`;
}

/** Holds the collection's feed until the transaction ends. */
export async function lock(client: pg.PoolClient, collection: string): Promise<string> {
  const { rows } = await client.query<{ last: string }>({
    name: 'lock',
    text: 'select feed_lock($1) as last',
    values: [collection],
  });
  return rows[0]?.last ?? '0';
}
