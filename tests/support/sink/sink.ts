/** BigQuery subscriptions on the local Pub/Sub server: a table for each collection, with its dead letters. */
import { readFileSync } from 'node:fs';
import type { CollectionName } from '../../../src/contract/collections.js';
import type { WarehouseTable } from '../../../src/warehouse/table.js';
import type { Broker } from '../pubsub/broker.js';
import type { PubSubMessage } from '../pubsub/protocol.js';
import { type SinkTable, createTable } from './table.js';

export interface Sink {
  table(collection: string): SinkTable;
  /** Messages that no table takes, after five attempts each. */
  readonly deadLetters: readonly { readonly message: PubSubMessage; readonly reason: string }[];
}

interface SinkOptions {
  readonly broker: Broker;
  readonly project: string;
  readonly collections: readonly CollectionName[];
  /** The id of a collection's topic. */
  readonly topicOf?: (collection: string) => string;
}

/** Makes the topics and subscriptions too. */
export function createSink(options: SinkOptions): Sink {
  const { broker, project, collections } = options;
  const { topicOf = (name) => `hospital-${name}` } = options;
  const path = (kind: string, name: string) => `projects/${project}/${kind}/${name}`;
  const tables = new Map(collections.map((name) => [name as string, createTable(tableOf(name))]));
  const deadLetters: { message: PubSubMessage; reason: string }[] = [];
  const reasons = new Map<string, string>();
  for (const [name, table] of tables) {
    const dead = path('topics', `${topicOf(name)}-dead`);
    broker.createTopic(path('topics', topicOf(name)));
    broker.createTopic(dead);
    const subscription = broker.createSubscription(
      path('subscriptions', `${topicOf(name)}-bigquery`),
      path('topics', topicOf(name)),
      { deadLetterTopic: dead },
    );
    subscription.consume = (message) => {
      try {
        table.apply(message.data);
        return true;
      } catch (error) {
        reasons.set(message.messageId, error instanceof Error ? error.message : String(error));
        // The next attempt, as a real back-off would make it.
        setImmediate(() => {
          broker.deliver(subscription);
        });
        return false;
      }
    };
    const kept = broker.createSubscription(path('subscriptions', `${topicOf(name)}-dead`), dead);
    kept.consume = (message) => {
      deadLetters.push({ message, reason: [...reasons.values()].at(-1) ?? '' });
      return true;
    };
  }
  return {
    deadLetters,
    table: (collection) => {
      const table = tables.get(collection);
      if (table === undefined) throw new Error(`no table ${collection}`);
      return table;
    },
  };
}

function tableOf(collection: string): WarehouseTable {
  const file = new URL(`../../../generated/warehouse/${collection}.bigquery.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as WarehouseTable;
}
