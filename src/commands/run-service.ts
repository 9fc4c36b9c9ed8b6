/** The service as a process: started, announced, and ended in good order by a signal. */
import './navigator.js';
import { relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Config, type ConfigOptions, readConfig } from '../config/config.js';
import { type Contract, readContract } from '../contract/contract.js';
import type { Log } from '../log.js';
import { secretIdsOf, secretIdsOfCollections } from '../security/holders.js';
import { type Service, createService } from '../service.js';
import type { WorkerHandle } from '../cluster/cluster.js';
import { configurationStatus, endOnError, explained } from './command-errors.js';
import { openLog } from './open-log.js';
import { onFirstSignal } from './signals.js';
/** Shorter than the ten seconds that container hosts give a process to end. */
const closeDeadlineMs = 9_500;

export async function runService(): Promise<void> {
  await endOnError(async () => {
    const ending = new AbortController();
    onFirstSignal((signal) => {
      ending.abort(signal);
    });
    const contract = readContract();
    const config = await readConfig(serviceConfigOptions(contract));
    // Loaded only here: one process alone starts without what several need.
    const cluster = config.workers > 1 ? await import('../cluster/cluster.js') : undefined;
    const worker = cluster?.workerHandle();
    const log = await openLog(config, contract, { worker: worker?.id });
    endOnUncaught(log);
    const starting = start({ config, contract, log, cluster, worker });
    worker?.onEnd(() => {
      ending.abort();
    });
    endWhenAborted(ending.signal, starting, log);
    const service = await starting.catch((error: unknown) => {
      throw explained(error, config);
    });
    if (ending.signal.aborted) return;
    if (worker === undefined) await announce(service, config, contract, log);
    else worker.tellReady(service.url);
  });
}

export function serviceConfigOptions(contract: Contract): ConfigOptions {
  return {
    env: process.env,
    folder: process.cwd(),
    collectionNames: contract.collections.map(({ name }) => name),
    secretIds: secretIdsOfCollections(contract),
    keysNeeded: true,
  };
}

async function announce(service: Service, config: Config, contract: Contract, log: Log) {
  const { version: contractVersion } = contract.document.info;
  const workers = config.workers > 1 ? { workers: config.workers } : {};
  const { url, metricsUrl } = service;
  log.info({ url, metricsUrl, contractVersion, ...workers }, 'listening');
  if (config.production) return;
  // The lines of the log are written at the end of a turn; these are the last.
  await setImmediate();
  process.stdout.write(`Start page: ${url}/\n`);
  for (const line of curlLines(config, contract, url)) process.stdout.write(`${line}\n`);
}

interface Start {
  readonly config: Config;
  readonly contract: Contract;
  readonly log: Log;
  readonly cluster: typeof import('../cluster/cluster.js') | undefined;
  readonly worker: WorkerHandle | undefined;
}

/** One process alone, the first of several, or one of those that it starts. */
function start({ config, contract, log, cluster, worker }: Start): Promise<Service> {
  const options = { config, contract, log };
  if (cluster === undefined) return createService(options);
  if (worker !== undefined) return createService({ ...options, keyChannel: process });
  const starting = cluster.startCluster({
    ...options,
    giveUp: (status) => {
      void closeAndExit(starting, log, status === configurationStatus ? status : 1);
    },
  });
  return starting;
}

/** What nobody caught leaves the process in an unknown state: its host starts another. */
function endOnUncaught(log: Log): void {
  process.on('uncaughtException', (error, origin) => {
    log.error({ error, origin }, 'an error that nobody caught: the process ends');
    process.exit(1);
  });
}

/** Also where it was aborted before. A worker that is asked to end has no signal. */
function endWhenAborted(ending: AbortSignal, starting: Promise<Service>, log: Log): void {
  const end = () => {
    const reason: unknown = ending.reason;
    log.info(typeof reason === 'string' ? { signal: reason } : {}, 'closing');
    void closeAndExit(starting, log, 0);
  };
  if (ending.aborted) end();
  else ending.addEventListener('abort', end, { once: true });
}

/** A start that is under way comes to its end first, so that nothing of it is left behind. */
async function closeAndExit(starting: Promise<Service>, log: Log, status: number): Promise<void> {
  setTimeout(() => {
    log.error({}, 'closing took too long');
    process.exit(1);
  }, closeDeadlineMs);
  // A start that fails says so itself, and ends the process.
  const service = await starting.catch(() => undefined);
  if (service === undefined) return;
  try {
    await service.close();
    process.exit(status);
  } catch (error) {
    log.error({ error }, 'closing failed');
    process.exit(1);
  }
}

/** A ready command for each collection whose key is in a file, where it stays. */
function curlLines(config: Config, contract: Contract, url: string): readonly string[] {
  const { keys, collections } = config;
  if (keys.kind === 'google') return [];
  const secretIds = secretIdsOf(contract);
  return contract.collections
    .filter(({ name }) => collections?.includes(name) ?? true)
    .map(({ listPath, scheme }) => {
      const file = relative('', `${keys.folder}/${secretIds.get(scheme) ?? scheme}`);
      return `curl -H "x-api-key: $(cat ${quoted(file)})" '${url}${listPath}?limit=5'`;
    });
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
