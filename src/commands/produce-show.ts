/** What the producer would publish, and how far it is: both without publishing anything. */
import type { Part } from '@hospital-streaming-api/client';
import { positionOfTime } from '../contract/time.js';
import type { Collection } from '../contract/collections.js';
import { peekBucketCheckpoint } from '../producer/bucket-checkpoints.js';
import { assertOwn, type Checkpoint, type FeedState, placeOf } from '../producer/checkpoint.js';
import { peekFileCheckpoint } from '../producer/file-checkpoints.js';
import { changesOf, updatedTsOf } from '../producer/message.js';
import type { Counters, Counts } from '../producer/metrics.js';
import { followError } from '../producer/producer-error.js';
import { checkpointOf, type Parts } from './producer-parts.js';

/** One JSON object a line: topic, attributes, data. Health data. */
export async function showMessages(parts: Parts, fromStart: boolean): Promise<void> {
  const { contract, config } = parts;
  const saved = fromStart ? undefined : await savedOf(parts);
  const { version } = contract.document.info;
  for (const { name } of contract.collections) {
    const topic = config.producer.topic.replaceAll('{collection}', name);
    const attributes = JSON.stringify({ collection: name, contract_version: version });
    for await (const page of pagesOf(parts, name, saved?.feeds[name], 1000)) {
      const texts = changesOf(page.records, { collection: name, epoch: page.epoch }).map(
        (data) => `{"topic":"${topic}","attributes":${attributes},"data":${data.toString()}}\n`,
      );
      process.stdout.write(texts.join(''));
      if (!page.more) break;
    }
  }
}

export async function showStatus(parts: Parts): Promise<void> {
  const saved = await savedOf(parts);
  const head = `${'collection'.padEnd(16)}${'published through'.padEnd(30)}${'newest change'.padEnd(30)}behind`;
  process.stdout.write(`${head}\n`);
  for (const { name } of parts.contract.collections) {
    const state = saved?.feeds[name];
    for await (const page of pagesOf(parts, name, state, 1)) {
      const through = (state?.publishedThrough ?? '') || 'nothing';
      const columns = [name.padEnd(16), through.padEnd(30), page.position.padEnd(30)];
      process.stdout.write(`${columns.join('')}${behindText(page)}\n`);
      break;
    }
  }
}

/** How long the oldest record that waits has been waiting, by the feed's own clock. */
function behindText({ records: [oldest], position }: Part): string {
  if (oldest === undefined) return 'nothing waits';
  return durationText((positionOfTime(position) - positionOfTime(updatedTsOf(oldest))) / 1_000_000);
}

async function savedOf({ config }: Parts): Promise<Checkpoint | undefined> {
  const place = checkpointOf(config);
  const saved = await (place.startsWith('gs://')
    ? peekBucketCheckpoint(place)
    : peekFileCheckpoint(place));
  assertOwn(saved, config.producer.serviceUrl);
  return saved;
}

async function* pagesOf(
  { client, signal, onWait }: Parts,
  name: Collection['name'],
  state: FeedState | undefined,
  limit: number,
): AsyncGenerator<Part> {
  try {
    yield* client.followBytes(name, {
      ...{ limit, signal, ...placeOf(state) },
      giveUpAfterSeconds: 15,
      onRetry: ({ reason }) => {
        onWait(`${name}: the service cannot answer (${reason}); it is asked again`);
      },
    });
  } catch (error) {
    throw followError(name, error);
  }
}

interface ProgressOptions {
  readonly counters: Pick<Counters, 'snapshot'>;
  readonly output: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
}

const terminalMs = 500;
const lineMs = 10_000;
const backToStart = '\r\u001b[K';

export function createProduceProgress({ counters, output }: ProgressOptions) {
  let before = { messages: 0, atMs: performance.now() };
  const line = () => {
    const counts = counters.snapshot();
    const messages = sumOf(counts, ({ messages: count }) => count);
    const atMs = performance.now();
    const rate = (messages - before.messages) / Math.max(0.001, (atMs - before.atMs) / 1000);
    before = { messages, atMs };
    return progressText(counts, rate);
  };
  const show = () => {
    output.write(output.isTTY ? `${backToStart}${line()}` : `${line()}\n`);
  };
  const timer = setInterval(show, output.isTTY ? terminalMs : lineMs);
  timer.unref();
  return {
    close: () => {
      clearInterval(timer);
      show();
      if (output.isTTY) output.write('\n');
    },
  };
}

/** `patients 50 · appointments 1,727 · lab_results 2,000, 3 s behind │ 12,400 records/s` */
function progressText(counts: Readonly<Record<string, Counts>>, rate: number): string {
  const feeds = Object.entries(counts).map(([name, { messages, lagSeconds }]) => {
    const lag =
      lagSeconds === undefined
        ? ', not read yet'
        : lagSeconds > 0
          ? `, ${durationText(lagSeconds)} behind`
          : '';
    return `${name} ${messages.toLocaleString('en')}${lag}`;
  });
  const retries = sumOf(counts, (count) => count.readRetries + count.publishRetries);
  const tried = retries === 0 ? '' : ` · ${retries} tried again`;
  return `${feeds.join(' · ')} │ ${Math.round(rate).toLocaleString('en')} records/s${tried}`;
}

export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600).toLocaleString('en')} h`;
}

function sumOf(counts: Readonly<Record<string, Counts>>, of: (counts: Counts) => number): number {
  return Object.values(counts).reduce((sum, count) => sum + of(count), 0);
}
