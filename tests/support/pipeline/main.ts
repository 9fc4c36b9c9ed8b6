/**
 * The whole way on one machine: `npm run pipeline:local`. The service (or the one that SERVICE_URL names), a local
 * Pub/Sub, the producer, and tables that take changes by BigQuery's rules. `-- --once` ends when the tables equal the
 * feeds; paths are loaded before.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createHospitalClient } from '@hospital-streaming-api/client';
import { openProducerKeys } from '../../../src/commands/producer-parts.js';
import { readConfig } from '../../../src/config/config.js';
import { type Collection, collectionsOf } from '../../../src/contract/collections.js';
import { readContract } from '../../../src/contract/contract.js';
import { secretIdsOfCollections } from '../../../src/security/holders.js';
import { startPubSub } from '../pubsub/server.js';
import { createSink } from '../sink/sink.js';
import { type TableState, pictureOf } from './picture.js';

const args = process.argv.slice(2);
const endsByItself = args.includes('--once');
const paths = args.filter((arg) => !arg.startsWith('--'));
const program = fileURLToPath(new URL('../../../dist/commands/hospital-api.js', import.meta.url));
const showEveryMs = 500;

const children: ChildProcess[] = [];
const folder = await mkdtemp(join(tmpdir(), 'hospital-pipeline-'));
let isEnding = false;
process.once('SIGINT', () => (isEnding = true));
process.once('SIGTERM', () => (isEnding = true));
try {
  await main();
} finally {
  for (const child of children.reverse()) await end(child);
  await rm(folder, { recursive: true });
}
// The local server's streams would keep the process.
process.exit();

async function main(): Promise<void> {
  const contract = readContract();
  const collections = collectionsOf(contract.document);
  const url = process.env.SERVICE_URL ?? (await startService());
  if (paths.length > 0) load();
  const pubsub = await startPubSub();
  const names = collections.map(({ name }) => name);
  const sink = createSink({ broker: pubsub.broker, project: 'local', collections: names });
  const producer = start(['produce', '--quiet'], {
    ...{ SERVICE_URL: url, PUBSUB_PROJECT: 'local', PUBSUB_EMULATOR_HOST: pubsub.host },
    CHECKPOINT: join(folder, 'checkpoint.json'),
    // Nothing here is Google's, so nobody is asked who this machine is.
    METADATA_SERVER_DETECTION: 'none',
  });
  producer.stderr?.pipe(process.stderr);
  producer.once('exit', () => (isEnding = true));
  const config = await readConfig({
    ...{ env: process.env, folder: process.cwd(), collectionNames: names },
    ...{ secretIds: secretIdsOfCollections(contract), keysNeeded: false, storeNeeded: false },
  });
  const { key } = await openProducerKeys(config, contract);
  const { api } = createHospitalClient({ url, key });
  const stateOf = async ({ name }: Collection): Promise<TableState> => {
    const table = sink.table(name);
    const { response } = await api.GET(`/${name}`, { params: { query: { limit: 1 } } });
    const newest = [...table.rows().values()].map((row) => String(row.updated_ts)).sort();
    const position = response.headers.get('feed-position') ?? '';
    const dead = sink.deadLetters.filter(({ message }) => message.attributes.collection === name);
    return {
      ...{ name, position, newest: newest.at(-1) ?? '', rows: table.rows().size },
      ...{ counts: table.counts, deadLetters: dead.length },
    };
  };
  const picture = pictureOf({ url, pubsub: pubsub.host, output: process.stdout });
  for (;;) {
    const states = await Promise.all(collections.map(stateOf));
    picture.show(states);
    const isLevel = states.every(({ newest, position }) => newest >= position || position < '1971');
    if (isEnding || (endsByItself && isLevel)) break;
    await delay(showEveryMs);
  }
  picture.close();
}

function start(command: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, [program, ...command], { env: { ...process.env, ...env } });
  children.push(child);
  return child;
}

async function startService(): Promise<string> {
  const child = start(['serve'], { PORT: process.env.PORT ?? '0', LOG_LEVEL: 'info' });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  for (;;) {
    const url = /"url":"(http:[^"]+)"/.exec(text)?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null) {
      throw new Error(
        `${text.trim()}\nIf it runs already, name it: SERVICE_URL=http://127.0.0.1:8080`,
      );
    }
    await delay(50);
  }
}

function load(): void {
  spawnSync(process.execPath, [program, 'import', ...paths], { stdio: 'inherit' });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
