/** The access audit read back: rows in the order of their chains, and what was dropped of chains. */
import type { Database } from '../database.js';
import type { AuditRow } from './audit-table.js';
import { type PatientVersion, patientVersions } from './patient-versions.js';

interface AuditRange {
  /** RFC 3339; the first time that is meant. */
  readonly since?: string | undefined;
  /** The first time behind it. */
  readonly until?: string | undefined;
  /** Only those by which records left. */
  readonly disclosing?: boolean;
}

export interface AuditReading {
  rows(range?: AuditRange): AsyncIterable<AuditRow>;
  /** Of each chain that begins with dropped rows, the last of them. */
  pruned(): Promise<readonly Pick<AuditRow, 'chain' | 'seq' | 'hash'>[]>;
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
): AsyncIterable<AuditRow> {
  let last = { chain: '00000000-0000-0000-0000-000000000000', seq: '0' };
  for (;;) {
    const rows: readonly Row[] = await database.query<Row>({
      text: `
        select chain, seq, discloses, event, encode(hash, 'hex') as hash,
          to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
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
