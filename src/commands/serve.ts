/** `hospital-api serve`: runs the service until SIGTERM or SIGINT. */
import { relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Config, readConfig } from '../config.js';
import { type Contract, readContract } from '../contract/contract.js';
import type { Log } from '../log.js';
import { secretIdsOf } from '../security/holders.js';
import { type Service, createService } from '../service.js';
import { endOnFault } from './faults.js';
import { openLog } from './open-log.js';
import { serviceConfigOptions } from './service-config.js';
import { type EndingSignal, onFirstSignal } from './signals.js';
import { explained } from './start-faults.js';

/** Shorter than the ten seconds that container hosts give a process to end. */
const closeDeadlineMs = 9_500;

export async function serve(): Promise<void> {
  await endOnFault(async () => {
    const ending = new AbortController();
    onFirstSignal((signal) => {
      ending.abort(signal);
    });
    const contract = readContract();
    const config = await readConfig(serviceConfigOptions(contract));
    const log = await openLog(config, contract);
    endOnUncaught(log);
    const starting = createService({ config, contract, log });
    whenAborted(ending.signal, () => {
      log.info({ signal: ending.signal.reason as EndingSignal }, 'closing');
      void closeAndExit(starting, log);
    });
    const service = await starting.catch((error: unknown) => {
      throw explained(error, config);
    });
    if (ending.signal.aborted) return;
    const { url, metricsUrl } = service;
    log.info({ url, metricsUrl, contractVersion: contract.document.info.version }, 'listening');
    if (config.production) return;
    // The lines of the log are written at the end of a turn; these are the last.
    await setImmediate();
    for (const line of curlLines(config, contract, service.url)) process.stdout.write(`${line}\n`);
  });
}

/** What nobody caught leaves the process in an unknown state: its host starts another. */
function endOnUncaught(log: Log): void {
  process.on('uncaughtException', (error, origin) => {
    log.error({ error, origin }, 'a fault that nobody caught: the process ends');
    process.exit(1);
  });
}

/** Also where it was aborted before. */
function whenAborted(signal: AbortSignal, work: () => void): void {
  if (signal.aborted) work();
  else signal.addEventListener('abort', work, { once: true });
}

/** A start that is under way comes to its end first, so that nothing of it is left behind. */
async function closeAndExit(starting: Promise<Service>, log: Log): Promise<void> {
  setTimeout(() => {
    log.error({}, 'closing took too long');
    process.exit(1);
  }, closeDeadlineMs);
  // A start that fails says so itself, and ends the process.
  const service = await starting.catch(() => undefined);
  if (service === undefined) return;
  try {
    await service.close();
    process.exit(0);
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
