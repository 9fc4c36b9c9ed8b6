/** A service of several processes: the first opens what all share, and workers answer the requests. */
import cluster, { type Worker } from 'node:cluster';
import type { Config } from '../config/config.js';
import { type Contract, contractOf } from '../contract/contract.js';
import type { Log } from '../log.js';
import { type KeyOwner, openKeyOwner } from '../security/key-owner.js';
import { openConfiguredStore, type Service } from '../service.js';
import { createWorkers, type ClusterMessage } from './workers.js';

export interface ClusterOptions {
  readonly config: Config;
  readonly contract: Contract;
  readonly log: Log;
  /** Called once when no worker can be had any more, with the status of the last one; null where a signal ended it. */
  readonly giveUp: (status: number | null) => void;
}

/**
 * @throws WorkerError when a worker cannot start, which it has told; EmbeddedError, KeysError or the database's error
 *   when what they share cannot be had
 */
export async function startCluster(options: ClusterOptions): Promise<Service> {
  const { config, log, giveUp } = options;
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    for (const warning of config.warnings) log.warn({}, warning);
    const keys = await openShared(options, closers);
    const metrics = await openMetrics(config, closers);
    const initWorker = (worker: Worker) => {
      keys.share(worker);
      metrics?.share(worker);
    };
    const workers = createWorkers({ count: config.workers, log, giveUp, initWorker });
    closers.push(() => workers.end());
    return { url: await workers.start(), metricsUrl: metrics?.url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Migrates, and has an embedded server run as long as the workers; reads the keys for all. */
async function openShared(
  options: ClusterOptions,
  closers: (() => Promise<void> | void)[],
): Promise<KeyOwner> {
  const { config, log } = options;
  const contract = contractOf(options.contract.document, config.collections);
  const opening = [
    openConfiguredStore({ config, contract, log, role: 'service', closers }),
    openOwner(options, contract, closers),
  ] as const;
  // Both have ended before an error of either is passed on, so that whatever was opened is closed.
  await Promise.allSettled(opening);
  const [, keys] = await Promise.all(opening);
  return keys;
}

async function openOwner(
  { config: { keys: config, keyRing: rules }, log }: ClusterOptions,
  contract: Contract,
  closers: (() => Promise<void> | void)[],
): Promise<KeyOwner> {
  const keys = await openKeyOwner({ config, rules, contract, log, now: Date.now });
  closers.push(() => keys.close());
  return keys;
}

/** Loaded only where metrics are wanted. */
async function openMetrics(
  { telemetry: { metrics: place } }: Config,
  closers: (() => Promise<void> | void)[],
) {
  if (place === undefined) return undefined;
  const { serveWorkerMetrics } = await import('../telemetry/worker-metrics.js');
  const metrics = await serveWorkerMetrics(place);
  closers.push(() => {
    metrics.close();
  });
  return metrics;
}

/** A worker's place in the supervised. */
export interface WorkerHandle {
  readonly id: number;
  tellReady(url: string): void;
  /** The first process asks for the end. */
  onEnd(end: () => void): void;
}

/** Nothing in the first process. */
export function workerHandle(): WorkerHandle | undefined {
  const { worker } = cluster;
  if (!cluster.isWorker || worker === undefined) return undefined;
  return {
    id: worker.id,
    tellReady: (url) => {
      const message: ClusterMessage = { cluster: 'ready', url };
      // A first process that has gone takes its workers along.
      worker.send(message, () => undefined);
    },
    onEnd: (end) => {
      worker.on('message', (message: ClusterMessage) => {
        if ('cluster' in message && message.cluster === 'end') end();
      });
    },
  };
}
