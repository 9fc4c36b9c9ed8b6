/** The store that the configuration names, with the demonstration set where it is wanted. */
import type { Config } from './config.js';
import type { Contract } from './contract/contract.js';
import type { Log } from './log.js';
import { type Store, type StoreOptions, openStore } from './store/store.js';

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
  const { openEmbedded } = await import('./store/embedded/embedded.js');
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
  const { createImporter } = await import('./import/importer.js');
  const { demoInput } = await import('./import/demo-data.js');
  const importer = createImporter({ contract, store, timeZone: config.sourceTimeZone });
  await importer.run({ inputs: [demoInput()], source: 'demo' });
  log.info(
    {},
    'the store was empty: demonstration records were loaded; DEMO_DATA=false leaves it empty',
  );
}
