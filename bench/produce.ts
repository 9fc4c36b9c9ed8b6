/**
 * The producer beside the same client that publishes the same messages from memory, in one run, and its memory over many
 * records: `npm run lab -- bench:produce`. BENCH_RECORDS (100,000) are in the feed, and published BENCH_PASSES (10) times.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type * as ClientModule from '@hospital-streaming-api/client';
import type * as CheckpointsModule from '../src/producer/file-checkpoints.js';
import type * as MessageModule from '../src/producer/message.js';
import type * as MetricsModule from '../src/producer/metrics.js';
import type * as ProduceModule from '../src/producer/produce.js';
import type * as TopicsModule from '../src/producer/topics.js';
import { labExtract } from './lab-extract.js';

const records = Number(process.env.BENCH_RECORDS ?? 100_000);
const passes = Number(process.env.BENCH_PASSES ?? 10);

/** As it ships: what runs sources names every function anew whenever it is made, which counts at this pace. */
const built = async (path: string): Promise<unknown> => import(`../dist/${path}.js`);
const { createHospitalClient } = (await built(
  '../packages/client/dist/client',
)) as typeof ClientModule;
const { openFileCheckpoints } = (await built(
  'producer/file-checkpoints',
)) as typeof CheckpointsModule;
const { changesOf } = (await built('producer/message')) as typeof MessageModule;
const { createCounters } = (await built('producer/metrics')) as typeof MetricsModule;
const { produce } = (await built('producer/produce')) as typeof ProduceModule;
const { openTopics } = (await built('producer/topics')) as typeof TopicsModule;

const project = fileURLToPath(new URL('..', import.meta.url));
const name = 'lab_results';
const key = 'key-of-the-bench-0123456789';

const folder = await mkdtemp(join(tmpdir(), 'hospital-bench-'));
const children: ChildProcess[] = [];
try {
  await main();
} finally {
  for (const child of children.reverse()) child.kill('SIGTERM');
  await Promise.all(children.map((child) => new Promise((gone) => child.once('exit', gone))));
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function main(): Promise<void> {
  const { service, pubsub } = await startAll();
  process.env.PUBSUB_EMULATOR_HOST = pubsub;
  process.env.METADATA_SERVER_DETECTION = 'none';
  const client = createHospitalClient({ url: service, key: () => key });
  const topics = await openTopics({
    project: 'bench',
    topic: 'hospital-{collection}',
  });
  let messages: TopicsModule.OutgoingMessage[] = [];
  for await (const page of client.followBytes(name)) {
    const changes = changesOf(page.records, { collection: name, epoch: page.epoch });
    messages.push(...changes.map((data) => ({ data })));
    if (!page.more) break;
  }
  const attributes = { collection: name, contract_version: '1', traceparent: '0'.repeat(55) };
  const fromMemory = () => topics.publish(name, messages, attributes);
  const fromFeed = () => publishFeed(topics, client, service);
  await fromMemory();
  await fromFeed();
  console.log(`${messages.length} messages, load of the machine before: ${loadavg()[0] ?? '?'}`);
  const rates: { memory: number[]; feed: number[] } = { memory: [], feed: [] };
  for (let round = 0; round < 3; round += 1) {
    rates.memory.push(messages.length / (await secondsOf(fromMemory)));
    rates.feed.push(messages.length / (await secondsOf(fromFeed)));
  }
  const [memory, feed] = [median(rates.memory), median(rates.feed)];
  console.log(`from memory  ${inWords(memory)} messages/s`);
  console.log(
    `producer     ${inWords(feed)} messages/s  ${(feed / memory).toFixed(2)} × (at least 0.7)`,
  );
  const { length } = messages;
  messages = [];
  const sizes: number[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    await fromFeed();
    sizes.push(process.memoryUsage.rss() / 1e6);
  }
  await topics.close();
  console.log(
    `RSS in MB after each ${inWords(length)} of ${inWords(length * passes)} records: ${sizes.map((size) => size.toFixed(0)).join(' ')}`,
  );
}

async function publishFeed(
  topics: TopicsModule.Topics,
  client: ClientModule.HospitalClient,
  service: string,
): Promise<void> {
  const checkpoints = await openFileCheckpoints(join(folder, 'checkpoint.json'));
  await produce({
    ...{ client, topics, checkpoints, service, fromStart: true, once: true },
    collections: [{ name, idField: 'lab_result_id' }],
    contractVersion: () => Promise.resolve('1'),
    metrics: createCounters([name]),
    giveUpAfterSeconds: 10,
    onWait: (line) => {
      console.error(line);
    },
    signal: new AbortController().signal,
  });
  await checkpoints.close();
}

async function startAll() {
  const env = {
    ...{
      PATH: process.env.PATH ?? '',
      HOME: folder,
      PORT: '0',
      API_KEYS_DIR: join(folder, 'keys'),
    },
    ...{ DEMO_DATA: 'false', RESPONSE_CHECK: 'off', COLLECTIONS: name, LOG_LEVEL: 'info' },
  };
  const { mkdir, writeFile, chmod } = await import('node:fs/promises');
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'keys'));
  await writeFile(join(folder, 'keys', `${name}_api_key`), key);
  const extract = join(folder, 'results.ndjson');
  const lines = labExtract({ results: records, seed: 1 });
  await pipeline(
    Readable.from(lines).map((line: unknown) => `${String(line).trimEnd()}\n`),
    createWriteStream(extract),
  );
  const program = join(project, 'dist/commands/hospital-api.js');
  const service = await started([program, 'serve'], env, /"url":"(http:[^"]+)"/);
  const load = spawn(process.execPath, [program, 'import', '--quiet', extract], {
    cwd: folder,
    env,
  });
  await new Promise((done) => load.once('exit', done));
  const server = join(project, 'tests/support/pubsub/main.ts');
  const topic = `projects/bench/topics/hospital-${name}`;
  const loader = import.meta.resolve('tsx');
  const command = ['--import', loader, server, '0', topic];
  const pubsub = await started(command, env, /PUBSUB_EMULATOR_HOST=(\S+)/);
  return { service, pubsub };
}

async function started(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  pattern: RegExp,
): Promise<string> {
  const child = spawn(process.execPath, command, { cwd: folder, env });
  children.push(child);
  child.stderr.pipe(process.stderr);
  let text = '';
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => {
      reject(new Error(`ended: ${command.join(' ')}`));
    });
  });
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function inWords(value: number): string {
  return Math.round(value).toLocaleString('en');
}
