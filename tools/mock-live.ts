// `npm run mock -- --live`: the real service on demonstration records whose clock stands still, for what a mock cannot show.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { openLog } from '../src/commands/open-log.js';
import { readConfig } from '../src/config/config.js';
import { createService, openConfiguredStore } from '../src/service.js';
import { type Contract, readContract } from '../src/contract/contract.js';
import { demoInput } from '../src/ingest/demo-data.js';
import { createImporter } from '../src/ingest/importer.js';
import { secretIdsOf, secretIdsOfCollections } from '../src/security/holders.js';
import { openEmbedded } from '../src/db/embedded/embedded.js';

/** Positions, epoch, cursors and audit times begin here, at every start. */
const clock = Date.parse('2026-04-01T08:00:00Z') * 1000;

export interface LiveMock {
  readonly url: string;
  /** Ready commands for what a mock cannot show. */
  readonly commands: readonly string[];
  close(): Promise<void>;
}

/** @param folder keeps keys and database; the records are made anew */
export async function startLive(folder: string, port: string): Promise<LiveMock> {
  await mkdir(folder, { recursive: true });
  const contract = readContract();
  const server = await openEmbedded({ folder: join(folder, 'postgres'), role: 'service' });
  try {
    const config = await readConfig({
      env: { PORT: port, DATABASE_URL: server.url, LOG_LEVEL: 'warn' },
      folder,
      collectionNames: contract.collections.map(({ name }) => name),
      secretIds: secretIdsOfCollections(contract),
      keysNeeded: true,
    });
    const log = await openLog(config, contract);
    await makeRecords(server.url, { config, contract, log });
    const service = await createService({ config, contract, log });
    return {
      url: service.url,
      commands: commandsOf(contract, service.url, keysFolderOf(config.keys)),
      close: async () => {
        await service.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

type Circumstances = Pick<Parameters<typeof openConfiguredStore>[0], 'config' | 'contract' | 'log'>;

async function makeRecords(url: string, circumstances: Circumstances): Promise<void> {
  await query(url, 'drop schema public cascade; create schema public');
  const closers: (() => Promise<void> | void)[] = [];
  const store = await openConfiguredStore({ ...circumstances, role: 'command', closers });
  try {
    await query(
      url,
      `create or replace function feed_clock() returns bigint language sql volatile return ${clock};
       update feed set epoch = ${clock}`,
    );
    const importer = createImporter({
      contract: circumstances.contract,
      store,
      timeZone: circumstances.config.sourceTimeZone,
    });
    await importer.run({ inputs: [demoInput()], source: 'demo' });
  } finally {
    for (const close of closers) await close();
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function keysFolderOf(keys: Circumstances['config']['keys']): string {
  if (keys.kind === 'google') throw new Error('A mock has keys of its own.');
  return keys.folder;
}

function commandsOf(contract: Contract, url: string, keysFolder: string): readonly string[] {
  const secretIds = secretIdsOf(contract);
  return contract.collections.flatMap(({ listPath, scheme }) => {
    const key = `-H "x-api-key: $(cat ${keysFolder}/${secretIds.get(scheme) ?? scheme})"`;
    return [
      `curl -i ${key} '${url}${listPath}?limit=5'`,
      `curl -i ${key} '${url}${listPath}?updated_since=2026-04-01T08:00:00.000010Z'`,
      `curl -i ${key} -H 'Accept: application/x-ndjson' '${url}${listPath}'`,
      `curl -i ${key} '${url}${listPath}/demo:Nothing:here'`,
      `curl -I ${key} '${url}${listPath}'`,
    ];
  });
}
