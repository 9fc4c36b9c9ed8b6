/** A hospital whose records change while they are pulled: the real service and its store. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type TestService, keys, knownKeys, startService } from '../support/service.js';
import { appointment, labResult, patient } from '../support/records.js';
import { type Connection, type Row, collections } from './pull-client.js';

export interface Hospital {
  readonly service: TestService;
  readonly keys: Connection['keys'];
  /** Gives `count` records of each collection other content than they have. */
  change(count: number): Promise<void>;
  makePatientsInactive(count: number): Promise<void>;
  retractLabResults(count: number): Promise<void>;
  /** Gives each collection a new key; the former ones are refused from then on. */
  replaceKeys(): Promise<void>;
  /** PostgreSQL refuses the service for as long as the returned promise takes. */
  withoutDatabase(ms: number): Promise<void>;
  /** The records as the feed would give them from its start. */
  latest(collection: string): Promise<readonly Row[]>;
}

export interface Sizes {
  readonly patients: number;
  readonly appointments: number;
  readonly lab_results: number;
}

const make = { patients: patientOf, appointments: appointmentOf, lab_results: labResultOf };
const names = ['patients', 'appointments', 'lab_results'] as const;

export async function openHospital(sizes: Sizes, options: Parameters<typeof startService>[0] = {}) {
  const service = await startService(options);
  for (const name of names) {
    await service.write(
      name,
      numbers(sizes[name]).map((number) => make[name](number, 0)),
    );
  }
  return hospitalOf(service);
}

function hospitalOf(service: TestService): Hospital {
  let round = 0;
  const present: Record<string, string> = { ...keys };
  return {
    service,
    keys: present,
    change: async (count) => {
      round += 1;
      for (const name of names) {
        await service.write(
          name,
          numbers(count).map((number) => make[name](number, round)),
        );
      }
    },
    makePatientsInactive: async (count) => {
      const records = numbers(count).map((number) => patientOf(number, round));
      await service.write(
        'patients',
        records.map((one) => ({ ...one, recordState: 'inactive' })),
      );
    },
    retractLabResults: async (count) => {
      const records = numbers(count).map((number) => labResultOf(number, round));
      await service.write(
        'lab_results',
        records.map((one) => ({ ...one, recordState: 'retracted' })),
      );
    },
    replaceKeys: async () => {
      for (const { name } of collections) {
        const key = `another-key-of-${name}-${String(Object.keys(present).length)}-0123456789`;
        knownKeys.add(key);
        await writeFile(join(service.keysFolder, `${name}_api_key`), key);
        present[name] = key;
      }
    },
    withoutDatabase: (ms) => withoutDatabase(service.database.url, ms),
    latest: async (collection) => {
      const text = 'select body from record where collection = $1 order by position';
      const rows = await service.database.query(text, [collection]);
      return rows.map(({ body }) => JSON.parse(String(body)) as Row);
    },
  };
}

async function withoutDatabase(url: string, ms: number): Promise<void> {
  const database = new URL(url).pathname.slice(1);
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(`alter database ${database} allow_connections false`);
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
      [database],
    );
    await new Promise((fulfil) => setTimeout(fulfil, ms));
  } finally {
    await client.query(`alter database ${database} allow_connections true`);
    await client.end();
  }
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_none, index) => index);
}

function patientOf(number: number, round: number) {
  return patient(String(number), {
    name: `Ada Example ${String(round)}`,
    given_names: ['Ada', 'Zoë'],
  });
}

function appointmentOf(number: number, round: number) {
  return appointment(String(number), { reason: `Round ${String(round)}, "quoted"` });
}

function labResultOf(number: number, round: number) {
  return labResult(String(number), { value_number: round + number / 100 });
}
