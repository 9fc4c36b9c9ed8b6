/** Composition root: opens the resources, joins the folders, and closes everything newest first. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from './config.js';
import { type Contract, contractOf } from './contract/contract.js';
import { loadLibraries } from './http/libraries.js';
import { createRefusalTally } from './http/refusal-tally.js';
import type { Log } from './log.js';
import { placeOfCursor } from './operations/cursor.js';
import { createOperations } from './operations/operations.js';
import type { KeyChannel } from './security/key-sharing.js';
import { openKeys } from './security/keys.js';
import type { SecretSource } from './security/secret-source.js';
import type { Store } from './store/store.js';
import type { Telemetry } from './telemetry/telemetry.js';
import { openConfiguredAudit } from './configured-audit.js';
import { openConfiguredStore } from './configured-store.js';

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
const leaveMs = 400;

/** @throws EmbeddedError, KeysError or the database's error when a resource cannot be had */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { config } = options;
  const closers: (() => Promise<void> | void)[] = [];
  const ending = new AbortController();
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    tellWarnings(options);
    const contract = contractOf(options.contract.document, config.collections);
    const telemetry = await openServiceTelemetry(options, closers);
    const opening = [
      openServiceStore({ ...options, contract }, telemetry, closers),
      openServiceKeys({ ...options, contract }, closers),
    ] as const;
    const loading = loadLibraries().then(() => import('./configured-http.js'));
    // Both have come to an end before a fault of either is passed on, so that whatever was opened is closed.
    await Promise.allSettled(opening);
    const [store, keys] = await Promise.all(opening);
    const operations = createOperations({
      ...{ contract, store, docs: readDocs, publicUrl: config.publicUrl },
      missingKeys: () => keys.missing(),
      isEnding: () => ending.signal.aborted,
    });
    const { audit, tally } = await openServiceAudit(options, store, closers);
    telemetry?.watch({ store, keys });
    const { serveHttp } = await loading;
    const parts = { contract, operations, keys, audit, tally, ending, telemetry };
    const server = await serveHttp({ ...options, ...parts });
    closers.push(async () => {
      await takeLeave(ending);
      store.endWaiting();
      await server.close(drainDeadlineMs);
    });
    return { url: server.url, metricsUrl: telemetry?.metricsUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Once, also where several workers have the same settings. */
function tellWarnings({ config, keyChannel, log }: ServiceOptions): void {
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
  const audit = await openConfiguredAudit({ config: config.audit, store, output, log, closers });
  const tally = createRefusalTally(log, audit);
  closers.push(() => {
    tally.close();
  });
  return { audit, tally };
}

async function openServiceKeys(options: ServiceOptions, closers: (() => Promise<void> | void)[]) {
  const { keys: config, keyRing: rules } = options.config;
  const keys = await openKeys({ now: Date.now, ...options, config, rules });
  closers.push(() => keys.close());
  return keys;
}

/** Not ready any more, so that load balancers turn away, before connections are refused. */
async function takeLeave(ending: AbortController): Promise<void> {
  ending.abort();
  await delay(leaveMs);
}

/** The page is built beside the compiled service, by `npm run build`. */
async function readDocs(): Promise<string> {
  return readFile(new URL('../dist/docs.html', import.meta.url), 'utf8');
}
