/** What is looked up whenever metrics are read: feeds, consumers, connections, keys, and the process itself. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { described, instruments } from './instruments.js';
import type { ObservedRequest, ObservedService } from './observed.js';

type Reading = (result: BatchObservableResult) => Promise<void> | void;

/** @returns what stops the measuring */
export function observeService(
  meter: Meter,
  service: ObservedService,
  positions: ConsumerPositions,
): () => void {
  observe(meter, feedReading(meter, service.store, positions));
  observe(meter, activityReading(meter, service.store));
  observe(meter, keyReading(meter, service.keys));
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  observe(meter, processReading(meter, delay));
  return () => {
    delay.disable();
  };
}

interface Observation {
  readonly read: Reading;
  readonly of: Observable[];
}

function observe(meter: Meter, { read, of }: Observation): void {
  meter.addBatchObservableCallback(read, of);
}

function gauge(meter: Meter, name: keyof typeof instruments) {
  return meter.createObservableGauge(...described(instruments[name]));
}

const microseconds = 1e6;

function feedReading(
  meter: Meter,
  store: ObservedService['store'],
  positions: ConsumerPositions,
): Observation {
  const [position, age] = [gauge(meter, 'feedPosition'), gauge(meter, 'feedAge')];
  const [sent, lag] = [gauge(meter, 'consumerPosition'), gauge(meter, 'consumerLag')];
  const read: Reading = async (result) => {
    for (const { collection, consumer, position: at } of positions.list()) {
      const of = { 'hospital.collection': collection, 'hospital.consumer': consumer };
      result.observe(sent, at / microseconds, of);
    }
    // Without a database there are no positions; the rest is reported all the same.
    const feeds = await store.feedStates().catch(() => []);
    for (const { collection, last } of feeds.filter((feed) => feed.last > 0)) {
      const of = { 'hospital.collection': collection };
      result.observe(position, last / microseconds, of);
      result.observe(age, Math.max(0, Date.now() / 1000 - last / microseconds), of);
      for (const { consumer, position: at } of positions.list().filter(isOf(collection))) {
        const behind = Math.max(0, last - at) / microseconds;
        result.observe(lag, behind, { ...of, 'hospital.consumer': consumer });
      }
    }
  };
  return { read, of: [position, age, sent, lag] };
}

function isOf(collection: string) {
  return (one: { readonly collection: string }) => one.collection === collection;
}

function activityReading(meter: Meter, store: ObservedService['store']): Observation {
  const connections = meter.createObservableUpDownCounter(
    ...described(instruments.poolConnections),
  );
  const [limit, pending] = [gauge(meter, 'poolLimit'), gauge(meter, 'poolPending')];
  const [waiting, exports] = [gauge(meter, 'waitingReaders'), gauge(meter, 'exports')];
  const replicaLag = gauge(meter, 'replicaLag');
  const read: Reading = (result) => {
    const activity = store.activity();
    result.observe(waiting, activity.waitingReaders);
    result.observe(exports, activity.exports);
    const { replica } = activity;
    if (replica !== undefined) result.observe(replicaLag, replica.behindMs / 1000);
    for (const { name, used, idle, waiting: queued, max } of activity.pools) {
      const of = { 'db.client.connection.pool.name': name };
      result.observe(connections, used, { ...of, 'db.client.connection.state': 'used' });
      result.observe(connections, idle, { ...of, 'db.client.connection.state': 'idle' });
      result.observe(pending, queued, of);
      result.observe(limit, max, of);
    }
  };
  return { read, of: [connections, limit, pending, waiting, exports, replicaLag] };
}

function keyReading(meter: Meter, keys: ObservedService['keys']): Observation {
  const [readAge, lastUse] = [gauge(meter, 'keyReadAge'), gauge(meter, 'keyLastUseAge')];
  const uses = meter.createObservableCounter(...described(instruments.keyUses));
  const read: Reading = (result) => {
    for (const { scheme, consumer, readAtMs } of keys.read()) {
      result.observe(readAge, secondsSince(readAtMs), keyOf(scheme, consumer));
    }
    for (const { scheme, consumer, version, uses: count, lastUsedMs } of keys.uses()) {
      const of = { ...keyOf(scheme, consumer), 'hospital.key_version': version };
      result.observe(uses, count, of);
      result.observe(lastUse, secondsSince(lastUsedMs), of);
    }
  };
  return { read, of: [readAge, lastUse, uses] };
}

function keyOf(scheme: string, consumer: string) {
  return { 'hospital.scheme': scheme, 'hospital.consumer': consumer };
}

function secondsSince(timeMs: number): number {
  return Math.max(0, Date.now() - timeMs) / 1000;
}

const nanoseconds = 1e9;

function processReading(meter: Meter, delay: IntervalHistogram): Observation {
  const [mean, p99] = [gauge(meter, 'eventLoopDelayMean'), gauge(meter, 'eventLoopDelayP99')];
  const [max, uptime] = [gauge(meter, 'eventLoopDelayMax'), gauge(meter, 'uptime')];
  const memory = meter.createObservableUpDownCounter(...described(instruments.memory));
  const cpuTime = meter.createObservableCounter(...described(instruments.cpuTime));
  const read: Reading = (result) => {
    // Without a sample yet the mean is no number.
    result.observe(mean, (delay.mean || 0) / nanoseconds);
    result.observe(p99, delay.percentile(99) / nanoseconds);
    result.observe(max, delay.max / nanoseconds);
    delay.reset();
    const { user, system } = process.cpuUsage();
    result.observe(cpuTime, user / microseconds, { 'cpu.mode': 'user' });
    result.observe(cpuTime, system / microseconds, { 'cpu.mode': 'system' });
    result.observe(memory, process.memoryUsage.rss());
    result.observe(uptime, process.uptime());
  };
  return { read, of: [mean, p99, max, uptime, memory, cpuTime] };
}

/** A place in a feed, in microseconds since 1970. */
export interface Position {
  readonly collection: string;
  readonly position: number;
}

interface ConsumerPosition extends Position {
  readonly consumer: string;
}

export interface ConsumerPositions {
  /** Takes note of an answer that was sent whole. */
  note(request: ObservedRequest): void;
  list(): readonly ConsumerPosition[];
}

/** @param readCursor what a cursor of this service says */
export function createConsumerPositions(
  readCursor: (cursor: string) => Position | undefined,
): ConsumerPositions {
  // Consumers and collections are configured, so that there are never many.
  const newest = new Map<string, ConsumerPosition>();
  const take = (consumer: string, cursor: string) => {
    const sent = readCursor(cursor);
    if (sent === undefined) return;
    const id = `${sent.collection} ${consumer}`;
    const before = newest.get(id)?.position ?? 0;
    if (sent.position >= before) newest.set(id, { ...sent, consumer });
  };
  return {
    note: ({ method, outcome: { consumer }, response }) => {
      const { statusCode, writableFinished } = response;
      if (method !== 'GET' || consumer === undefined) return;
      if (statusCode !== 200 || !writableFinished) return;
      const cursor = response.getHeader('next-cursor');
      if (typeof cursor === 'string') take(consumer, cursor);
    },
    list: () => [...newest.values()],
  };
}
