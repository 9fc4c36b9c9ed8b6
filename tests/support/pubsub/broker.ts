/** Topics and subscriptions: a message is delivered until it is acknowledged, and to a dead letter topic after that. */
import * as grpc from '@grpc/grpc-js';
import { type PubSubMessage, Refusal } from './protocol.js';

export interface Delivery {
  readonly ackId: string;
  readonly message: PubSubMessage;
  readonly attempt: number;
  deadlineMs: number;
}

export interface Subscription {
  readonly name: string;
  readonly topic: string;
  readonly deadLetterTopic: string | undefined;
  readonly mostAttempts: number;
  readonly waiting: { readonly message: PubSubMessage; readonly attempt: number }[];
  readonly outstanding: Map<string, Delivery>;
  /** Takes what is waiting, one at a time; true acknowledges. */
  consume?: (message: PubSubMessage) => boolean;
  /** Told that something waits. */
  readonly listeners: Set<() => void>;
}

/** Shares from 0 to 1 of messages that are delivered twice, or later than those behind them. */
export interface DeliveryFaults {
  duplicate: number;
  reorder: number;
}

const ackDeadlineMs = 10_000;

export function createBroker(faults: DeliveryFaults, random: () => number) {
  const topics = new Map<string, { published: number }>();
  const observers = new Set<(messages: readonly Omit<PubSubMessage, 'messageId'>[]) => void>();
  const subscriptions = new Map<string, Subscription>();
  let ids = 0;

  const topicOf = (name: string) => found(topics.get(name), name);
  const subscriptionOf = (name: string) => found(subscriptions.get(name), name);

  const offer = (subscription: Subscription, message: PubSubMessage, attempt = 1) => {
    const { waiting } = subscription;
    const times = random() < faults.duplicate ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const isLate = random() < faults.reorder;
      const at = isLate ? Math.floor(random() * (waiting.length + 1)) : waiting.length;
      waiting.splice(at, 0, { message, attempt });
    }
  };
  const publish = (topic: string, messages: readonly Omit<PubSubMessage, 'messageId'>[]) => {
    const state = topicOf(topic);
    state.published += messages.length;
    for (const observe of observers) observe(messages);
    const readers = [...subscriptions.values()].filter((one) => one.topic === topic);
    const messageIds = messages.map((message) => {
      const messageId = String((ids += 1));
      for (const reader of readers) offer(reader, { ...message, messageId });
      return messageId;
    });
    for (const reader of readers) deliver(reader);
    return messageIds;
  };
  const giveBack = (subscription: Subscription, message: PubSubMessage, attempt: number) => {
    const { deadLetterTopic, mostAttempts } = subscription;
    if (deadLetterTopic === undefined || attempt < mostAttempts) {
      offer(subscription, message, attempt + 1);
      return;
    }
    publish(deadLetterTopic, [message]);
  };
  const deliver = (subscription: Subscription) => {
    const { consume, waiting, listeners } = subscription;
    if (consume === undefined) {
      for (const listener of listeners) listener();
      return;
    }
    // What is refused waits for the next round, as with a real back-off.
    for (const { message, attempt } of waiting.splice(0)) {
      if (!consume(message)) giveBack(subscription, message, attempt);
    }
  };
  const settle = (name: string, ackIds: readonly string[], isDone: boolean) => {
    const subscription = subscriptionOf(name);
    for (const ackId of ackIds) {
      const delivery = subscription.outstanding.get(ackId);
      if (delivery === undefined) continue;
      subscription.outstanding.delete(ackId);
      if (!isDone) giveBack(subscription, delivery.message, delivery.attempt);
    }
    if (!isDone) deliver(subscription);
  };

  return {
    topics,
    subscriptions,
    /** Told of every request that is taken. */
    observers,
    publish,
    settle,
    subscriptionOf,
    deliver,
    createTopic: (name: string) => {
      if (topics.has(name))
        throw new Refusal(grpc.status.ALREADY_EXISTS, `Resource already exists: ${name}`);
      topics.set(name, { published: 0 });
    },
    topicOf,
    createSubscription: (
      name: string,
      topic: string,
      policy: { deadLetterTopic?: string; maxDeliveryAttempts?: number } = {},
    ) => {
      topicOf(topic);
      const subscription: Subscription = {
        ...{ name, topic, waiting: [], outstanding: new Map(), listeners: new Set() },
        deadLetterTopic: policy.deadLetterTopic,
        mostAttempts: policy.maxDeliveryAttempts ?? 5,
      };
      subscriptions.set(name, subscription);
      return subscription;
    },
    /** At most so many of what is waiting, each to be acknowledged. */
    take: (subscription: Subscription, most: number): readonly Delivery[] => {
      const deadlineMs = performance.now() + ackDeadlineMs;
      return subscription.waiting.splice(0, most).map(({ message, attempt }) => {
        const delivery = { ackId: `a${(ids += 1)}`, message, attempt, deadlineMs };
        subscription.outstanding.set(delivery.ackId, delivery);
        return delivery;
      });
    },
    extend: (name: string, ackIds: readonly string[], seconds: number) => {
      const { outstanding } = subscriptionOf(name);
      for (const ackId of ackIds) {
        const delivery = outstanding.get(ackId);
        if (delivery !== undefined) delivery.deadlineMs = performance.now() + seconds * 1000;
      }
    },
    /** What nobody acknowledged in time is delivered again. */
    expire: () => {
      for (const { name, outstanding } of subscriptions.values()) {
        const late = [...outstanding.values()].filter((one) => one.deadlineMs < performance.now());
        if (late.length > 0)
          settle(
            name,
            late.map(({ ackId }) => ackId),
            false,
          );
      }
    },
  };
}

export type Broker = ReturnType<typeof createBroker>;

function found<Value>(value: Value | undefined, name: string): Value {
  if (value !== undefined) return value;
  throw new Refusal(
    grpc.status.NOT_FOUND,
    `Resource not found (resource=${name.split('/').at(-1) ?? ''}).`,
  );
}
