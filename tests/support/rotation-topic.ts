/** A local server of Pub/Sub's subscriber protocol that delivers what a test publishes. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';

export interface RotationTopic {
  /** For PUBSUB_EMULATOR_HOST. */
  readonly host: string;
  readonly readers: () => number;
  publish(attributes: Readonly<Record<string, string>>): void;
  close(): void;
}

type Stream = grpc.ServerDuplexStream<object, object>;

export async function startRotationTopic(): Promise<RotationTopic> {
  const streams = new Set<Stream>();
  let sent = 0;
  const server = new grpc.Server();
  const done = (_: unknown, answer: grpc.sendUnaryData<object>) => {
    answer(null, {});
  };
  server.addService(await loadService(), {
    StreamingPull: (stream: Stream) => {
      streams.add(stream);
      stream.on('data', () => undefined);
      stream.on('error', () => streams.delete(stream));
      stream.on('end', () => {
        streams.delete(stream);
        stream.end();
      });
    },
    Acknowledge: done,
    ModifyAckDeadline: done,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, taken) => {
      if (error === null) resolve(taken);
      else reject(error);
    });
  });
  return {
    host: `127.0.0.1:${port}`,
    readers: () => streams.size,
    publish: (attributes) => {
      sent += 1;
      const message = { messageId: String(sent), data: Buffer.from('{}'), attributes };
      for (const stream of streams) {
        stream.write({ receivedMessages: [{ ackId: `ack-${sent}`, message }] });
      }
    },
    close: () => {
      server.forceShutdown();
    },
  };
}

async function loadService(): Promise<grpc.ServiceDefinition> {
  const require = createRequire(import.meta.url);
  const pubsub = require.resolve('@google-cloud/pubsub');
  const gax = createRequire(pubsub).resolve('google-gax');
  const definition = await load('google/pubsub/v1/pubsub.proto', {
    includeDirs: [
      join(dirname(pubsub), '../protos'),
      join(dirname(gax), '../protos'),
      join(dirname(gax), 'protos'),
    ],
    longs: String,
    defaults: true,
  });
  // The definition of a service is what stands under its full name.
  return definition['google.pubsub.v1.Subscriber'] as unknown as grpc.ServiceDefinition;
}
