/** Whoever changes the audit is found out: what `audit verify` says of each way to try it. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAnchors } from '../../src/audit/anchors.js';
import { digestOf, nothingBefore } from '../../src/audit/chain.js';
import { verify } from '../../src/audit/verify.js';
import { readContract } from '../../src/contract/contract.js';
import { auditReadingOn } from '../../src/audit/reading.js';
import { openStore } from '../../src/store.js';
import { type Folder, makeFolder } from '../commands/processes.js';
import { startBucket } from '../support/bucket/server.js';
import { createDatabase } from '../support/database.js';
import { patient } from '../support/records.js';
import { type TestService, audit, silent, startService } from '../support/service.js';

const requests = 250;
let service: TestService;
let folder: Folder;
let anchor: string;

/** As the database's owner, who can switch triggers off; taken back afterwards. */
async function tampered(sql: string, work?: (client: pg.Client) => Promise<void>) {
  const client = new pg.Client({ connectionString: service.database.url });
  await client.connect();
  await client.query('begin; set local session_replication_role = replica');
  await client.query(sql);
  await work?.(client);
  const reading = auditReadingOn({
    query: async ({ text, values = [] }) => (await client.query(text, [...values])).rows as never,
  });
  const anchors = await (await openAnchors(anchor)).read();
  const found = await verify({ links: reading.rows(), pruned: await reading.pruned(), anchors });
  await client.query('rollback');
  await client.end();
  return found;
}

beforeAll(async () => {
  folder = await makeFolder();
  anchor = join(folder.path, 'anchors.ndjson');
  service = await startService({ config: { audit: { ...audit, anchor } } });
  await service.write('patients', [patient('1')]);
  for (let sent = 0; sent < requests; sent += 10) {
    const ten = Array.from({ length: 10 }, () => service.fetch('/patients', { key: 'patients' }));
    await Promise.all(ten);
  }
  // The head is anchored when a service ends.
  await service.restart();
});
afterAll(async () => {
  await service.close();
  await folder.remove();
});

async function command(...args: readonly string[]) {
  const env = { DATABASE_URL: service.database.url, AUDIT_ANCHOR: anchor };
  return folder.command(['audit', ...args], env);
}

describe('audit verify', { timeout: 60_000 }, () => {
  it('0 for chains that nobody touched, with their anchors', async () => {
    const { status, stdout } = await command('verify');
    expect(stdout).toBe(`${requests} rows in 1 chains, 2 anchors\nthe audit is whole\n`);
    expect(status).toBe(0);
    const lines = (await readFile(anchor, 'utf8')).split('\n');
    expect(lines.map((line) => line && (JSON.parse(line) as { seq: number }).seq)).toEqual([
      expect.any(Number),
      requests,
      '',
    ]);
  });

  it.each([
    [
      'a row that was changed',
      `update audit set event = replace(event, '"consumer":"default"', '"consumer":"nobody"') where seq = 100`,
      'row 100 was changed',
    ],
    ['a hash that was changed', `update audit set hash = sha256('') where seq = 7`, 'row 7 was'],
    [
      'a row that was moved in time',
      `update audit set at = at + interval '1 ms' where seq = 9`,
      'row 9',
    ],
    [
      'a row that was moved by a microsecond',
      `update audit set at = at + interval '1 us' where seq = 9`,
      'row 9 does not hold',
    ],
    [
      'a disclosure that is hidden',
      'update audit set discloses = null where seq = 11',
      'row 11 does not hold the event of its place, time and collection',
    ],
    [
      'a disclosure of another collection',
      `update audit set discloses = 'lab_results' where seq = 11`,
      'row 11 does not hold',
    ],
    [
      'a number that was changed',
      'update audit set seq = 1000 where seq = 12',
      'row 12 is missing',
    ],
    ['a row that is gone', 'delete from audit where seq = 50', 'row 50 is missing'],
    ['the first row gone', 'delete from audit where seq = 1', 'row 1 is missing'],
    [
      'two that were swapped',
      `update audit set event = other.event, hash = other.hash from audit as other
       where (audit.seq, other.seq) in ((20, 30), (30, 20))`,
      'row 20 does not hold the event of its place',
    ],
    [
      'the last hundred cut',
      `delete from audit where seq > ${requests - 100}`,
      `knows row ${requests}, but the chain ends at row ${requests - 100}`,
    ],
    ['a whole chain gone', 'delete from audit', 'but the chain ends at row 0'],
    [
      'a beginning that is said to be dropped',
      `insert into audit_pruned (chain, seq, hash, month) select chain, seq, hash, '2020-01' from audit where seq = 40;
       delete from audit where seq <= 40`,
      'rows up to 40 were dropped, which no anchor knows',
    ],
  ])('names %s', async (_, sql, fault) => {
    const { errors } = await tampered(sql);
    expect(errors).toEqual([expect.stringContaining(fault)]);
  });

  it('names the anchor where the whole chain was built anew', async () => {
    const rebuild = async (client: pg.Client) => {
      const { rows } = await client.query<{ seq: string; event: string }>(
        'select seq, event from audit order by seq',
      );
      let hash = nothingBefore;
      for (const { seq, event } of rows) {
        const forged = event.replace('"consumer":"default"', '"consumer":"nobody"');
        hash = digestOf(hash, forged);
        const values = [seq, forged, hash];
        const text = `update audit set event = $2, hash = decode($3, 'hex') where seq = $1`;
        await client.query(text, values);
      }
    };
    const { errors } = await tampered('select', rebuild);
    expect(errors).toEqual([
      expect.stringMatching(/the anchor of \S+ does not know row \d+ as it/),
    ]);
  });

  it('2 from the command, which names the row, for a change that stays; then its text as it was', async () => {
    const client = new pg.Client({ connectionString: service.database.url });
    await client.connect();
    await client.query('set session_replication_role = replica');
    await client.query(`update audit set event = event || ' ' where seq = 3`);
    const found = await command('verify');
    await client.query('update audit set event = rtrim(event) where seq = 3');
    await client.end();
    expect([found.status, found.stdout]).toEqual([
      2,
      expect.stringMatching(/^chain [0-9a-f-]{36}: row 3 was changed[^]*the audit is not whole\n$/),
    ]);
  });

  it('names both chains where a row was given to another', async () => {
    const { errors } = await tampered(
      `update audit set chain = '00000000-0000-4000-8000-000000000002' where seq = 12`,
    );
    expect(errors).toEqual([
      expect.stringContaining('row 1 is missing'),
      expect.stringContaining('row 12 is missing'),
    ]);
  });

  it('2 for an anchor that is missing or empty; 0 before anything was recorded', async () => {
    const missing = join(folder.path, 'missing.ndjson');
    const url = service.database.url;
    const verifyWith = async (place: string, database: string) =>
      folder.command(['audit', 'verify'], { DATABASE_URL: database, AUDIT_ANCHOR: place });
    for (const place of [missing, await folder.write('empty', '')]) {
      const { status, stdout } = await verifyWith(place, url);
      expect([status, stdout]).toEqual([2, expect.stringContaining('holds no anchor')]);
    }
    const fresh = await createDatabase();
    const { status } = await verifyWith(missing, fresh.url);
    await fresh.drop();
    expect(status).toBe(0);
  });

  it('2 for anchors that cannot be read', async () => {
    const env = {
      DATABASE_URL: service.database.url,
      AUDIT_ANCHOR: await folder.write('bad', '{"'),
    };
    const { status, stdout } = await folder.command(['audit', 'verify'], env);
    expect([status, stdout]).toEqual([2, expect.stringContaining('line 1 of ')]);
  });
});

describe('audit export', { timeout: 60_000 }, () => {
  it('gives each event as it was digested', async () => {
    const { status, stdout } = await command('export');
    let before = nothingBefore;
    const lines = stdout.split('\n').slice(0, -1);
    for (const line of lines) {
      const [, hash = '', event = ''] = /^\{"hash":"(.{64})","event":(.*)\}$/.exec(line) ?? [];
      expect(hash).toBe(digestOf(before, event));
      before = hash;
    }
    expect([status, lines.length]).toEqual([0, requests]);
    expect((await command('export', '--until', '2020-01-01')).stdout).toBe('');
    expect((await command('export', '--since', 'soon')).stderr).toContain('Give a time such as');
  });
});

describe('the table', () => {
  it.each([
    "update audit set event = ''",
    'delete from audit',
    'truncate audit',
    `do $$ begin execute (select 'truncate ' || inhrelid::regclass from pg_inherits
       where inhparent = 'audit'::regclass limit 1); end $$`,
    'truncate audit_pruned',
  ])('refuses %s, also to its owner', async (sql) => {
    await expect(service.database.query(sql)).rejects.toThrow('the audit is append only');
  });
});

describe('months', { timeout: 60_000 }, () => {
  it('are dropped when they are old; the rest of the chain still verifies', async () => {
    const database = await createDatabase();
    const kept = join(folder.path, 'pruned.ndjson');
    const env = { DATABASE_URL: database.url, AUDIT_ANCHOR: kept };
    const rows: (readonly [number, string])[] = [
      [1, '2019-12-30T10:00:00.000Z'],
      [2, '2019-12-31T10:00:00.000Z'],
      [3, new Date().toISOString()],
    ];
    let hash = nothingBefore;
    const chain = '00000000-0000-4000-8000-000000000001';
    for (const [seq, at] of rows) {
      const event = JSON.stringify({ place: [chain, seq], at, outcome: 'answered', records: 0 });
      hash = digestOf(hash, event);
      await database.query('select audit_partitions($1)', [at]);
      await database.query(`insert into audit values ($1, $2, $3, null, $4, decode($5, 'hex'))`, [
        chain,
        seq,
        at,
        event,
        hash,
      ]);
    }
    const pruned = await folder.command(['audit', 'prune'], env);
    const left = await database.query('select seq from audit');
    const verified = await folder.command(['audit', 'verify'], env);
    await database.drop();
    expect(pruned.stdout).toMatch(/^dropped: 2019-12, 2020-01; what is kept begins with 20/);
    expect(left).toEqual([{ seq: '3' }]);
    expect([verified.status, verified.stdout]).toEqual([
      0,
      '1 rows in 1 chains, 1 anchors\nthe audit is whole\n',
    ]);
  });
});

describe('the service’s own role', () => {
  it('can add rows and read them, and nothing else', async () => {
    const own = await createDatabase();
    const role = new URL(own.url).pathname.slice(1);
    await own.query(`create role ${role} login password 'x'`);
    const url = new URL(own.url);
    [url.username, url.password] = [role, 'x'];
    const contract = readContract();
    const store = await openStore({ url: url.href, migrationUrl: own.url, contract, log: silent });
    const row = { chain: randomUUID(), seq: 1, at: new Date().toISOString(), discloses: undefined };
    await store.audit.append([{ ...row, event: '{}', hash: nothingBefore }]);
    await store.close();
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    const rows = await client.query('select from audit');
    const refused = [];
    for (const text of ['update audit set seq = 0', 'delete from audit', 'truncate audit']) {
      refused.push(await client.query(text).catch((error: unknown) => String(error)));
    }
    refused.push(await client.query('drop table audit').catch((error: unknown) => String(error)));
    await client.end();
    await own.query(`drop owned by ${role}; drop role ${role}`);
    await own.drop();
    expect(rows.rowCount).toBe(1);
    const denied = 'error: permission denied for table audit';
    expect(refused).toEqual([denied, denied, denied, 'error: must be owner of table audit']);
  });
});

describe('anchors in a bucket', () => {
  it('are objects of their own, which are all read back', async () => {
    const bucket = await startBucket();
    process.env.STORAGE_EMULATOR_HOST = bucket.url;
    const anchors = await openAnchors('gs://audit/anchors');
    const head = { chain: 'c', seq: 1, hash: 'a'.repeat(64), at: '2026-01-01T00:00:00Z' };
    await anchors.keep([head]);
    await anchors.keep([{ ...head, seq: 2 }]);
    const read = await anchors.read();
    delete process.env.STORAGE_EMULATOR_HOST;
    bucket.close();
    expect([...bucket.objects.keys()].every((name) => name.startsWith('audit/anchors/'))).toBe(
      true,
    );
    expect(read.map(({ seq }) => seq).sort()).toEqual([1, 2]);
  });
});
