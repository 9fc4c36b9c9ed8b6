/** What the service's configuration is read from. */
import type { ConfigOptions } from '../config.js';
import type { Contract } from '../contract/contract.js';
import { secretIdsOfCollections } from '../security/holders.js';

export function serviceConfigOptions(contract: Contract): ConfigOptions {
  return {
    env: process.env,
    folder: process.cwd(),
    collectionNames: contract.collections.map(({ name }) => name),
    secretIds: secretIdsOfCollections(contract),
    keysNeeded: true,
  };
}
