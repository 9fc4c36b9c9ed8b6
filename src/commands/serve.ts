/** `hospital-api serve`: runs the service until SIGTERM or SIGINT. */
import { relative } from 'node:path';
import { type Config, readConfig } from '../config.js';
import { type Contract, readContract } from '../contract/contract.js';
import { secretIdsOf } from '../security/keys.js';
import { createService } from '../service.js';
import { openLog } from './open-log.js';
import { endOnFault } from './faults.js';

export async function serve(): Promise<void> {
  await endOnFault(async () => {
    const contract = readContract();
    const collectionNames = contract.collections.map(({ name }) => name);
    const config = await readConfig({
      env: process.env,
      folder: process.cwd(),
      collectionNames,
      keysNeeded: true,
    });
    const log = await openLog(config, contract);
    const service = await createService({ config, contract, log });
    closeOnSignal(service, log);
    log.info({ url: service.url, contractVersion: contract.document.info.version }, 'listening');
    if (!config.production) {
      for (const line of curlLines(config, contract, service.url))
        process.stdout.write(`${line}\n`);
    }
  });
}

/** A ready command for each collection; keys stay in their files. */
function curlLines(config: Config, contract: Contract, url: string): readonly string[] {
  const secretIds = secretIdsOf(contract);
  return contract.collections
    .filter(({ name }) => config.collections?.includes(name) ?? true)
    .map(({ listPath, scheme }) => {
      const file = relative('', `${config.keys.folder}/${secretIds.get(scheme) ?? scheme}`);
      return `curl -H "x-api-key: $(cat ${quoted(file)})" '${url}${listPath}?limit=5'`;
    });
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

type Closing = Readonly<{ close(): Promise<void> }>;

/** A second signal ends the process at once. */
function closeOnSignal(service: Closing, log: Awaited<ReturnType<typeof openLog>>): void {
  const end = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'closing');
    for (const name of signals) {
      process.removeListener(name, end);
      process.once(name, () => process.exit(130));
    }
    service.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, 'closing failed');
        process.exit(1);
      },
    );
  };
  for (const name of signals) process.once(name, end);
}

const signals = ['SIGTERM', 'SIGINT'] as const;
