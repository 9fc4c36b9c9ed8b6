/** The access audit read back: rows in the order of their chains, and what was dropped of chains. */
import type { Database } from '../db/database.js';
import type { Link } from './chain.js';

interface AuditRange {
  /** RFC 3339; the first time that is meant. */
  readonly since?: string | undefined;
  /** The first time behind it. */
  readonly until?: string | undefined;
  /** Only those by which records left. */
  readonly disclosing?: boolean;
}

export interface AuditReading {
  rows(range?: AuditRange): AsyncIterable<Link>;
  /** Of each chain that begins with dropped rows, the last of them. */
  pruned(): Promise<readonly Pick<Link, 'chain' | 'seq' | 'hash'>[]>;
  patientVersions(patientId: string): Promise<readonly PatientVersion[]>;
}

const rowsAtOnce = 5_000;

interface Row {
  readonly chain: string;
  readonly seq: string;
  readonly at: string;
  readonly discloses: string | null;
  readonly event: string;
  readonly hash: string;
}

export function auditReadingOn(database: Pick<Database, 'query'>): AuditReading {
  return {
    rows: (range = {}) => readRows(database, range),
    pruned: async () => {
      const rows = await database.query<{ chain: string; seq: string; hash: string }>({
        text: `select distinct on (chain) chain, seq, encode(hash, 'hex') as hash
               from audit_pruned order by chain, seq desc`,
      });
      return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
    },
    patientVersions: (patientId) => patientVersions(database, patientId),
  };
}

async function* readRows(
  database: Pick<Database, 'query'>,
  { since, until, disclosing = false }: AuditRange,
): AsyncIterable<Link> {
  let last = { chain: '00000000-0000-0000-0000-000000000000', seq: '0' };
  for (;;) {
    const rows: readonly Row[] = await database.query<Row>({
      text: `
        select chain, seq, discloses, event, encode(hash, 'hex') as hash,
          regexp_replace(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '000Z$', 'Z') as at
        from audit
        where (chain, seq) > ($1::uuid, $2::bigint)
          and at >= coalesce($3::timestamptz, '-infinity') and at < coalesce($4::timestamptz, 'infinity')
          ${disclosing ? 'and discloses is not null' : ''}
        order by chain, seq limit ${rowsAtOnce}`,
      values: [last.chain, last.seq, since, until],
    });
    for (const row of rows) {
      yield { ...row, seq: Number(row.seq), discloses: row.discloses ?? undefined };
    }
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end;
  }
}

interface PatientVersion {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
  /** Microseconds since 1970. */
  readonly position: number;
  /** Position of the version after it. */
  readonly next: number | undefined;
}

interface VersionRow {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
  readonly position: string;
  readonly next: string | null;
}

/** Histories are read backwards from where the records stand now. */
async function patientVersions(
  database: Pick<Database, 'query'>,
  patientId: string,
): Promise<readonly PatientVersion[]> {
  const rows = await database.query<VersionRow>({
    text: `
      with recursive concerned as (
        select feed.collection, present.id
        from feed, lateral (
          select id from record where record.collection = feed.collection and patient_id = $1
        ) as present
        union
        select collection, id from former_patient where patient_id = $1
      ), history as (
        select change.*, record.patient_id, null::bigint as next
        from concerned join record using (collection, id)
        join change on change.collection = record.collection and change.position = record.position
        union all
        select change.*, history.patient_id, history.position
        from history
        join change on change.collection = history.collection and change.position = history.previous
      )
      select collection, id, version, position, next
      from history
      where $1 = coalesce((
        select former.patient_id from former_patient as former
        where former.collection = history.collection and former.id = history.id
          and former.through >= history.position
        order by former.through limit 1
      ), history.patient_id)
      order by collection, position`,
    values: [patientId],
  });
  return rows.map(({ next, ...row }) => ({
    ...row,
    position: Number(row.position),
    next: next === null ? undefined : Number(next),
  }));
}
