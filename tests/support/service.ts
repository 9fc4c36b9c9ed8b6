/** The real service on a free port, on a database of its own, with a client that checks every answer. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.js';
import type { CollectionName } from '../../src/contract/collections.js';
import { readContract } from '../../src/contract/contract.js';
import { type Log, confidentialNames, createLog } from '../../src/log.js';
import { type ServiceOptions, createService } from '../../src/service.js';
import { writeBatch } from '../../src/ingest/resolve-batch.js';
import type { StagedRecord } from '../../src/ingest/write/staged-record.js';
import { type Store, openStore } from '../../src/store.js';
import { type CheckedFetch, checkedFetch } from './checked-fetch.js';
import { type TestDatabase, createDatabase } from './database.js';
import { linesOf } from './log-lines.js';

export interface TestService {
  readonly url: string;
  /** Where its metrics can be scraped, where they are configured. */
  readonly metricsUrl: string | undefined;
  readonly database: TestDatabase;
  /** A store beside the service's own, to put records in. */
  readonly store: Store;
  /** What the service logged so far. */
  readonly logLines: () => readonly Record<string, unknown>[];
  /** Requests of paths of the service; a collection's name as `key` sends its valid key. */
  readonly fetch: CheckedFetch;
  readonly keysFolder: string;
  write(collection: CollectionName, records: readonly StagedRecord[]): Promise<void>;
  /** Ends the service and starts it anew at the same address, after what is given. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** A key of each collection of the contract, by the collection's name. */
export const keys: Readonly<Record<string, string>> = Object.fromEntries(
  readContract().collections.map(({ name }) => [name, `key-of-${name}-0123456789`]),
);

type TestOptions = Partial<Omit<ServiceOptions, 'config'>> & {
  readonly config?: Partial<Config>;
  /** A server of the test's own. */
  readonly serverUrl?: string;
  /** Where a replica of the database is read, and how far behind it may be. */
  readonly replicaOf?: (databaseUrl: string) => { readonly url: string; readonly maxLagMs: number };
};

export async function startService(options: TestOptions = {}): Promise<TestService> {
  const database = await createDatabase(options.serverUrl);
  const contract = options.contract ?? readContract();
  const keysFolder = await writeKeys();
  const { log, lines, text } = linesOf((destination) =>
    createLog({ level: 'debug', confidential: confidentialNames(contract), destination }),
  );
  const replica = options.replicaOf?.(database.url);
  const config = { ...defaults(database.url, keysFolder, replica), ...options.config };
  const start = (port: number) =>
    createService({ contract, log, ...options, config: { ...config, port } });
  let service = await start(config.port);
  const port = Number(new URL(service.url).port);
  const store = await openStore({ url: database.url, contract: readContract(), log: silent });
  const load = await store.startLoad({ source: 'ehr', files: [] });
  return {
    url: service.url,
    metricsUrl: service.metricsUrl,
    database,
    store,
    logLines: lines,
    fetch: checkedFetch(service.url, keys),
    keysFolder,
    write: async (collection, records) => {
      await writeBatch(store, { collection, records }, load, (record) => record);
    },
    restart: async (meanwhile) => {
      await service.close();
      await meanwhile?.();
      service = await start(port);
    },
    close: async () => {
      await service.close();
      assertNoKeyIn(text());
      await store.close();
      await database.drop();
      await rm(keysFolder, { recursive: true });
    },
  };
}

/** Every key that a test gave to a service. */
export const knownKeys = new Set(Object.values(keys));

/** What the services of a whole run of tests log comes by here. */
function assertNoKeyIn(logged: string): void {
  for (const key of knownKeys) {
    if (logged.includes(key)) throw new Error('a key stands in the log');
  }
}

async function writeKeys(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-keys-'));
  await Promise.all(
    Object.entries(keys).map(([name, key]) => writeFile(join(folder, `${name}_api_key`), key)),
  );
  return folder;
}

function defaults(
  url: string,
  keysFolder: string,
  replica: ReturnType<NonNullable<TestOptions['replicaOf']>> | undefined,
): Config {
  return {
    production: false,
    host: '127.0.0.1',
    port: 0,
    workers: 1,
    logLevel: 'debug',
    database: { kind: 'url', url, migrationUrl: undefined, replica },
    audit,
    keys: { kind: 'folder', folder: keysFolder },
    keyRing,
    transport,
    telemetry,
    producer,
    demoData: false,
    keepSource: true,
    publicUrl: undefined,
    responseCheck: 'always',
    sourceTimeZone: 'UTC',
    collections: undefined,
    warnings: [],
  };
}

export const audit: Config['audit'] = {
  postgres: true,
  stdout: false,
  required: true,
  anchor: undefined,
  keepMonths: 72,
};

export const keyRing: Config['keyRing'] = {
  refreshMs: 60_000,
  maxAgeMs: 86_400_000,
  lateStart: false,
  rotationSubscription: undefined,
  consumers: [],
};

export const transport: Config['transport'] = {
  trustProxy: undefined,
  allowedClients: undefined,
  maxConnections: 1000,
  maxInFlight: 1000,
  maxEventLoopDelayMs: 60_000,
  maxExports: 8,
  maxExportMs: 3_600_000,
  rateLimit: 'off',
  tls: undefined,
};

export const telemetry: Config['telemetry'] = {
  serviceName: 'hospital-streaming-api',
  traceProject: undefined,
  metrics: undefined,
  collector: undefined,
};

const producer: Config['producer'] = {
  serviceUrl: 'http://127.0.0.1:8080',
  project: undefined,
  topic: 'hospital-{collection}',
  checkpoint: undefined,
  keys: {},
};

const nothing = () => undefined;
export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
