/** BigQuery's own client and the statements of its dialect, over its REST API: what it answers is what PostgreSQL says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { openBigQuery } from '../../src/warehouse/sql-warehouse.js';
import { tablesOf } from '../../src/warehouse/table.js';
import type { Warehouse } from '../../src/warehouse/warehouse.js';
import { type BigQueryServer, accessToken, startBigQuery } from '../support/bigquery/server.js';
import { signIn } from '../support/bigquery/sign-in.js';
import { labResult } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';
import { createTables, postgresWarehouse, upsert } from '../support/warehouse/postgres-tables.js';

const collection = 'lab_results';
const rows = 250;

let service: TestService;
let server: BigQueryServer;
let folder: string;
let warehouse: Warehouse;
let same: Warehouse;
let positions: readonly number[];

beforeAll(async () => {
  service = await startService();
  const { database } = service;
  await createTables(database);
  const ids = Array.from({ length: rows }, (_, index) => String(index));
  await service.write(
    collection,
    ids.map((id) => labResult(id)),
  );
  const stored = await database.query(
    `select body, position from record where collection = '${collection}' order by position`,
  );
  await upsert(
    database,
    collection,
    stored.map(({ body }) => String(body)),
  );
  positions = stored.map(({ position }) => Number(position));
  server = await startBigQuery({
    run: (statement, values) => database.query(statement, [...values]),
    rowsOnAPage: 100,
  });
  folder = await mkdtemp(join(tmpdir(), 'hospital-bigquery-'));
  for (const [name, value] of Object.entries(await signIn(server, folder))) vi.stubEnv(name, value);
  const tables = tablesOf(readContract().collections);
  const place = { projectId: 'hospital', dataset: 'warehouse', location: 'EU' };
  warehouse = await openBigQuery({ ...place, tables });
  same = postgresWarehouse(database);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  server.close();
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

it('gives the digests of stretches, of empty ones too', async () => {
  const [first = 0, middle = 0] = [positions[0], positions[99]];
  const stretches = [
    { from: 0, to: first },
    { from: first, to: middle },
    { from: middle, to: undefined },
  ];
  const digests = await warehouse.digests(collection, stretches);
  expect(digests.map(({ count }) => count)).toEqual([0, 99, rows - 99]);
  expect(digests).toEqual(await same.digests(collection, stretches));
});

it('gives every entry of a stretch, page after page', async () => {
  const stretches = [{ from: positions[20] ?? 0, to: undefined }];
  const entries = await warehouse.entries(collection, stretches);
  expect(entries.map(({ position }) => position).sort()).toEqual(positions.slice(20));
  expect(entries).toEqual(await same.entries(collection, stretches));
  expect(server.asked.filter(({ path }) => path.startsWith('GET ')).length).toBeGreaterThan(1);
});

it('gives rows by their ids, and none for no ids', async () => {
  const [entry] = await same.entries(collection, [{ from: 0, to: undefined }]);
  const id = entry?.id ?? '';
  const [row, ...others] = await warehouse.rows(collection, [id, 'nobody']);
  expect([row, ...others]).toEqual(await same.rows(collection, [id]));
  expect(row).toMatchObject({ lab_result_id: id });
  expect(await warehouse.rows(collection, [])).toEqual([]);
});

it('signs in, and asks where the dataset is', () => {
  expect(server.asked.length).toBeGreaterThan(0);
  for (const { authorization, location, path } of server.asked) {
    expect([authorization, location]).toEqual([`Bearer ${accessToken}`, 'EU']);
    expect(path).toMatch(/^(POST|GET) \/projects\/hospital\/queries/);
  }
});
