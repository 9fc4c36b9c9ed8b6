/** A local server that speaks Pub/Sub's own protocol, and does wrong what a test wants. */
import * as grpc from '@grpc/grpc-js';
import { type Broker, createBroker } from './broker.js';
import { type PubSubMessage, Refusal, loadServices } from './protocol.js';

export interface PubSubServer {
  /** `127.0.0.1:port`, for PUBSUB_EMULATOR_HOST. */
  readonly host: string;
  readonly broker: Broker;
  readonly faults: Faults;
  /** Stops listening; a start on the same port brings the same topics back. */
  stop(): void;
  start(): Promise<void>;
}

/** Shares are from 0 to 1, of publish requests unless said otherwise. */
interface Faults {
  /** Refused as UNAVAILABLE. */
  refuse: number;
  /** Taken, and the answer lost: the client gets UNAVAILABLE. */
  lose: number;
  /** Never answered at all. */
  drop: number;
  /** Answered this much later at most. */
  delayMs: number;
  /** Of messages. */
  duplicate: number;
  /** Of messages. */
  reorder: number;
  /** Topics that the caller may not publish to. */
  readonly denied: Set<string>;
  /** Topics whose schema takes none of the messages. */
  readonly schemas: Set<string>;
}

interface Request {
  readonly name: string;
  readonly topic: string;
  readonly subscription: string;
  readonly messages: readonly PubSubMessage[];
  readonly maxMessages: number;
  readonly ackIds: readonly string[];
  readonly ackDeadlineSeconds: number;
  readonly deadLetterPolicy: { deadLetterTopic: string; maxDeliveryAttempts: number } | null;
}

type Methods = Record<string, (request: Request) => object>;

export async function startPubSub({ port = 0, random = Math.random } = {}): Promise<PubSubServer> {
  const faults: Faults = {
    ...{ refuse: 0, lose: 0, drop: 0, delayMs: 0, duplicate: 0, reorder: 0 },
    ...{ denied: new Set(), schemas: new Set() },
  };
  const broker = createBroker(faults, random);
  let server = await listen(broker, faults, random, port);
  return {
    host: `127.0.0.1:${server.port}`,
    broker,
    faults,
    stop: () => {
      server.end();
    },
    start: async () => {
      server = await listen(broker, faults, random, server.port);
    },
  };
}

async function listen(broker: Broker, faults: Faults, random: () => number, port: number) {
  const { publisher, subscriber } = await loadServices();
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
  const { Publish: _, ...others } = publisherMethods(broker);
  server.addService(publisher, {
    ...unary(others),
    Publish: publishHandler(broker, faults, random),
  });
  server.addService(subscriber, {
    ...unary(subscriberMethods(broker)),
    StreamingPull: (stream: grpc.ServerDuplexStream<Request, object>) => {
      streamingPull(broker, stream);
    },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `127.0.0.1:${port}`,
      grpc.ServerCredentials.createInsecure(),
      (error, taken) => {
        if (error === null) resolve(taken);
        else reject(error);
      },
    );
  });
  const timer = setInterval(() => {
    broker.expire();
  }, 1_000).unref();
  return {
    port: bound,
    end: () => {
      clearInterval(timer);
      server.forceShutdown();
    },
  };
}

function publisherMethods(broker: Broker) {
  return {
    CreateTopic: ({ name }) => {
      broker.createTopic(name);
      return { name };
    },
    GetTopic: ({ topic }) => {
      broker.topicOf(topic);
      return { name: topic };
    },
    ListTopics: () => ({ topics: [...broker.topics.keys()].map((name) => ({ name })) }),
    DeleteTopic: ({ topic }) => {
      broker.topics.delete(topic);
      return {};
    },
    Publish: ({ topic, messages }) => ({ messageIds: broker.publish(topic, messages) }),
  } satisfies Methods;
}

function subscriberMethods(broker: Broker): Methods {
  return {
    CreateSubscription: ({ name, topic, deadLetterPolicy }) => {
      broker.createSubscription(name, topic, deadLetterPolicy ?? {});
      return { name, topic };
    },
    GetSubscription: ({ subscription }) => {
      const { name, topic } = broker.subscriptionOf(subscription);
      return { name, topic };
    },
    DeleteSubscription: ({ subscription }) => {
      broker.subscriptions.delete(subscription);
      return {};
    },
    Pull: ({ subscription, maxMessages }) => ({
      receivedMessages: broker.take(broker.subscriptionOf(subscription), maxMessages),
    }),
    Acknowledge: ({ subscription, ackIds }) => {
      broker.settle(subscription, ackIds, true);
      return {};
    },
    ModifyAckDeadline: ({ subscription, ackIds, ackDeadlineSeconds }) => {
      if (ackDeadlineSeconds === 0) broker.settle(subscription, ackIds, false);
      else broker.extend(subscription, ackIds, ackDeadlineSeconds);
      return {};
    },
  };
}

type Call = grpc.ServerUnaryCall<Request, object>;

function unary(methods: Methods): grpc.UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      ({ request }: Call, done: grpc.sendUnaryData<object>) => {
        answer(() => method(request), done);
      },
    ]),
  );
}

function publishHandler(broker: Broker, faults: Faults, random: () => number) {
  return ({ request }: Call, done: grpc.sendUnaryData<object>) => {
    const { topic, messages } = request;
    const take = () => {
      answer(() => {
        assertAllowed(topic, faults);
        if (random() < faults.refuse) throw new Refusal(grpc.status.UNAVAILABLE, 'try again');
        const messageIds = broker.publish(topic, messages);
        if (random() < faults.lose) throw new Refusal(grpc.status.UNAVAILABLE, 'answer lost');
        return { messageIds };
      }, done);
    };
    if (random() < faults.drop) return;
    if (faults.delayMs === 0) take();
    else setTimeout(take, random() * faults.delayMs);
  };
}

function assertAllowed(topic: string, { denied, schemas }: Faults): void {
  if (denied.has(topic)) {
    throw new Refusal(grpc.status.PERMISSION_DENIED, 'User not authorized to perform this action.');
  }
  if (schemas.has(topic)) {
    const message = 'Invalid data in message: Message failed schema validation.';
    throw new Refusal(grpc.status.INVALID_ARGUMENT, message);
  }
}

const mostAtOnce = 500;

function streamingPull(broker: Broker, stream: grpc.ServerDuplexStream<Request, object>): void {
  let release: () => void = () => undefined;
  stream.on('data', ({ subscription: name }: Request) => {
    if (name === '') return;
    const subscription = broker.subscriptionOf(name);
    const send = () => {
      const receivedMessages = broker.take(subscription, mostAtOnce);
      if (receivedMessages.length > 0) stream.write({ receivedMessages });
    };
    subscription.listeners.add(send);
    release = () => subscription.listeners.delete(send);
    send();
  });
  stream.on('error', () => {
    release();
  });
  stream.on('end', () => {
    release();
    stream.end();
  });
}

function answer(work: () => object, done: grpc.sendUnaryData<object>): void {
  try {
    done(null, work());
  } catch (error) {
    const code = error instanceof Refusal ? error.code : grpc.status.INTERNAL;
    done({ code, message: error instanceof Error ? error.message : String(error) });
  }
}
