/** What commands beside the service work with: the configuration, the contract, and the store for as long as they need it. */
import { type Config, readConfig } from '../config/config.js';
import { openConfiguredStore } from '../service.js';
import { type Contract, readContract } from '../contract/contract.js';
import type { Store } from '../store.js';
import { openLog } from './open-log.js';
import { explained } from './command-errors.js';

export interface CommandStore {
  readonly config: Config;
  readonly contract: Contract;
  readonly store: Store;
}

export async function readCommandConfig(contract: Contract): Promise<Config> {
  return readConfig({
    env: process.env,
    folder: process.cwd(),
    collectionNames: contract.collections.map(({ name }) => name),
    keysNeeded: false,
  });
}

/** Opens the store, hands it to `work`, and closes everything newest first. */
export async function withStore<Result>(
  config: Config,
  work: (parts: CommandStore) => Promise<Result>,
): Promise<Result> {
  const contract = readContract();
  // Standard output is the report's.
  const log = await openLog(config, contract, { output: process.stderr });
  for (const warning of config.warnings) log.warn({}, warning);
  const closers: (() => Promise<void> | void)[] = [];
  try {
    const store = await openConfiguredStore({ config, contract, log, role: 'command', closers });
    return await work({ config, contract, store });
  } catch (error) {
    throw explained(error, config);
  } finally {
    for (const closer of closers.reverse()) await closer();
  }
}
