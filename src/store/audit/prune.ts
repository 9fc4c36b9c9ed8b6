/** Drops whole months of the audit, and keeps of each chain where it goes on. */
import pg from 'pg';

interface DroppedHead {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

export interface PruneOptions {
  /** The first month that stays, such as `2020-01`. */
  readonly before: string;
  /** The last links of a month, before it goes. */
  readonly keepHeads: (month: string, heads: readonly DroppedHead[]) => Promise<void>;
}

/**
 * @param url of the role that owns the table
 * @returns the months that were dropped, the oldest first
 */
export async function pruneAudit(
  url: string,
  { before, keepHeads }: PruneOptions,
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const months = (await monthsOf(client)).filter((month) => month < before);
    for (const month of months) await dropMonth(client, month, keepHeads);
    return months;
  } finally {
    await client.end();
  }
}

async function monthsOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ month: string }>(
    `select replace(substr(relname, 7), '_', '-') as month
     from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'audit'::regclass order by month`,
  );
  return rows.map(({ month }) => month);
}

async function dropMonth(
  client: pg.Client,
  month: string,
  keepHeads: PruneOptions['keepHeads'],
): Promise<void> {
  const table = pg.escapeIdentifier(`audit_${month.replace('-', '_')}`);
  await client.query('begin');
  const { rows } = await client.query<{ chain: string; seq: string; hash: string }>(
    `select distinct on (chain) chain, seq, encode(hash, 'hex') as hash
     from ${table} order by chain, seq desc`,
  );
  await keepHeads(
    month,
    rows.map((row) => ({ ...row, seq: Number(row.seq) })),
  );
  await client.query(
    `insert into audit_pruned (chain, seq, hash, month)
     select distinct on (chain) chain, seq, hash, $1 from ${table} order by chain, seq desc`,
    [month],
  );
  await client.query(`drop table ${table}`);
  await client.query('commit');
}
