/** Composition root: opens the resources, joins the folders, and closes everything newest first. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createAnchorScheduler } from './audit/anchor-scheduler.js';
import { openAnchors } from './audit/anchors.js';
import { type Audit, createAudit, createStdoutWriter } from './audit/recorder.js';
import type { AuditConfig, Config } from './config/config.js';
import { type Contract, contractOf } from './contract/contract.js';
import { createAnswerAudit } from './audit/record-answer.js';
import { StoreUnavailable } from './db/database.js';
import { networksOf } from './http/client-address.js';
import { createErrorAggregator } from './http/limits/error-aggregator.js';
import type { Log } from './log.js';
import { placeOfCursor } from './operations/cursor.js';
import { createOperations } from './operations/operations.js';
import type { KeyChannel } from './security/key-sharing.js';
import { createAuthenticate, createFailedAttempts } from './security/authenticate.js';
import { type Keys, openKeys } from './security/keys.js';
import type { SecretSource } from './security/secrets/secret-source.js';
import { openStore, type Store, type StoreOptions } from './store.js';
import type { Telemetry } from './telemetry/telemetry.js';

export interface ServiceOptions {
  readonly config: Config;
  readonly contract: Contract;
  readonly log: Log;
  /** In place of the source that the configuration names. */
  readonly secretSource?: SecretSource;
  /** To the process that reads the keys for this one. */
  readonly keyChannel?: KeyChannel;
  /** Where accesses are recorded in place of standard output. */
  readonly auditOutput?: NodeJS.WritableStream;
  /** The clock of keys and limits. */
  readonly now?: () => number;
}

export interface Service {
  /** Where it listens, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where metrics can be scraped. */
  readonly metricsUrl: string | undefined;
  /** Lets running requests finish and releases everything, within 8 seconds. */
  close(): Promise<void>;
}

const drainDeadlineMs = 7_500;
/** So long load balancers have to see that the service is not ready any more. */
const turnAwayMs = 400;

/** @throws EmbeddedError, KeysError or the database's error when a resource cannot be had */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { config } = options;
  const closers: (() => Promise<void> | void)[] = [];
  const draining = new AbortController();
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    logWarnings(options);
    const contract = contractOf(options.contract.document, config.collections);
    const telemetry = await openServiceTelemetry(options, closers);
    const opening = [
      openServiceStore({ ...options, contract }, telemetry, closers),
      openServiceKeys({ ...options, contract }, closers),
    ] as const;
    const loading = import('./http/serve.js');
    // Both have ended before an error of either is passed on, so that whatever was opened is closed.
    await Promise.allSettled(opening);
    const [store, keys] = await Promise.all(opening);
    const operations = createOperations({
      ...{ contract, store, docs: readDocs, publicUrl: config.publicUrl },
      isUnavailable: (error) => error instanceof StoreUnavailable,
      missingKeys: () => keys.missing(),
      isDraining: () => draining.signal.aborted,
    });
    const { audit, refusals } = await openServiceAudit(options, store, closers);
    telemetry?.watch({ store, keys });
    const { serveHttp } = await loading;
    const authenticate = authenticateBy(options, keys);
    const observer = telemetry?.requests;
    const parts = { contract, operations, authenticate, audit, refusals, observer };
    const server = await serveHttp({ ...options, ...parts, draining: draining.signal });
    closers.push(async () => {
      await drain(draining);
      store.endLongPolls();
      await server.close(drainDeadlineMs);
    });
    return { url: server.url, metricsUrl: telemetry?.metricsUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Once, even where several workers have the same settings. */
function logWarnings({ config, keyChannel, log }: ServiceOptions): void {
  if (keyChannel !== undefined) return;
  for (const warning of config.warnings) log.warn({}, warning);
}

/** Loaded only here: a service that is not asked for metrics or traces starts without OpenTelemetry. */
async function openServiceTelemetry(
  { config: { telemetry: config }, contract, log }: ServiceOptions,
  closers: (() => Promise<void> | void)[],
): Promise<Telemetry | undefined> {
  if (config.metrics === undefined && config.collector === undefined) return undefined;
  const { openTelemetry } = await import('./telemetry/telemetry.js');
  const { version } = contract.document.info;
  const telemetry = await openTelemetry({ config, log, version, readCursor: placeOfCursor });
  closers.push(() => telemetry.close());
  return telemetry;
}

function openServiceStore(
  { config, contract, log, keyChannel }: ServiceOptions,
  telemetry: Telemetry | undefined,
  closers: (() => Promise<void> | void)[],
) {
  const observe = telemetry?.statement;
  const role = keyChannel === undefined ? 'service' : 'worker';
  return openConfiguredStore({ config, contract, log, role, observe, closers });
}

async function openServiceAudit(
  { config, log, auditOutput: output }: ServiceOptions,
  store: Pick<Store, 'audit'>,
  closers: (() => Promise<void> | void)[],
) {
  const opened = await openConfiguredAudit({ config: config.audit, store, output, log, closers });
  const audit = opened && createAnswerAudit(opened);
  const refusals = createErrorAggregator(log, audit?.recordAggregated);
  closers.push(() => {
    refusals.close();
  });
  return { audit, refusals };
}

async function openServiceKeys(options: ServiceOptions, closers: (() => Promise<void> | void)[]) {
  const { keys: config, keyRing: rules } = options.config;
  const keys = await openKeys({ now: Date.now, ...options, config, rules });
  closers.push(() => keys.close());
  return keys;
}

function authenticateBy({ config, now = Date.now }: ServiceOptions, keys: Keys) {
  const { allowedClients } = config.transport;
  const isAllowed = allowedClients === undefined ? () => true : networksOf(allowedClients);
  return createAuthenticate({ ring: keys, attempts: createFailedAttempts({ now }), isAllowed });
}

/** Not ready any more, so that load balancers send no more requests, before connections are refused. */
async function drain(draining: AbortController): Promise<void> {
  draining.abort();
  await delay(turnAwayMs);
}

/** The page is built beside the compiled service, by `npm run build`. */
async function readDocs(): Promise<string> {
  return readFile(new URL('../dist/docs.html', import.meta.url), 'utf8');
}

export interface ConfiguredStoreOptions {
  readonly config: Config;
  readonly contract: Contract;
  readonly log: Log;
  /**
   * One service at a time holds an embedded database; commands join it, and so do workers, whose first process has
   * brought the database to where it should be.
   */
  readonly role: 'service' | 'command' | 'worker';
  readonly observe?: StoreOptions['observe'];
  /** Gets what releases the resources that were opened, oldest first. */
  readonly closers: (() => Promise<void> | void)[];
}

export async function openConfiguredStore(options: ConfiguredStoreOptions): Promise<Store> {
  const { config, contract, log, observe, closers } = options;
  const isPrepared = options.role === 'worker';
  const urls = await databaseUrls(options);
  const store = await openStore({ ...urls, contract, log, observe, isPrepared });
  closers.push(() => store.close());
  if (options.role === 'service' && config.database.kind === 'embedded' && config.demoData) {
    await loadDemoData(store, options);
  }
  return store;
}

async function databaseUrls({ config, log, role, closers }: ConfiguredStoreOptions) {
  const { database } = config;
  if (database.kind === 'url') {
    const { url, migrationUrl, replica } = database;
    // Commands decide by what they read.
    return { url, migrationUrl, replica: role === 'command' ? undefined : replica };
  }
  // Loaded only here: a service with a database of its own starts without it.
  const { openEmbedded } = await import('./db/embedded/embedded.js');
  const server = await openEmbedded({
    folder: database.folder,
    role: role === 'service' ? role : 'command',
  });
  closers.push(() => server.close());
  const { origin, elsewhere } = server;
  const level = role === 'worker' ? 'debug' : 'info';
  log[level]({ origin, folder: elsewhere ?? database.folder }, 'embedded PostgreSQL');
  return { url: server.url };
}

async function loadDemoData(store: Store, { contract, config, log }: ConfiguredStoreOptions) {
  if (!(await store.isEmpty())) return;
  const { createImporter } = await import('./ingest/importer.js');
  const { demoInput } = await import('./ingest/demo-data.js');
  const importer = createImporter({ contract, store, timeZone: config.sourceTimeZone });
  await importer.run({ inputs: [demoInput()], source: 'demo' });
  log.info(
    {},
    'the store was empty: demonstration records were loaded; DEMO_DATA=false leaves it empty',
  );
}

interface ConfiguredAuditOptions {
  readonly config: AuditConfig;
  readonly store: Pick<Store, 'audit'>;
  /** In place of the process's standard output. */
  readonly output: NodeJS.WritableStream | undefined;
  readonly log: Log;
  /** Gets what releases the resources that were opened, oldest first. */
  readonly closers: (() => Promise<void> | void)[];
}

/** @returns nothing where nobody records */
async function openConfiguredAudit(options: ConfiguredAuditOptions): Promise<Audit | undefined> {
  const { config, store, output = process.stdout, log, closers } = options;
  const writers = [
    ...(config.postgres ? [{ write: store.audit.append }] : []),
    ...(config.stdout ? [createStdoutWriter(output)] : []),
  ];
  if (writers.length === 0) return undefined;
  const { required, anchor } = config;
  const now = Date.now;
  const anchorScheduler =
    anchor !== undefined && config.postgres
      ? createAnchorScheduler({ anchors: await openAnchors(anchor), log, now })
      : undefined;
  const audit = createAudit({ writers, anchorScheduler, required, log, now });
  closers.push(() => audit.close());
  return audit;
}
