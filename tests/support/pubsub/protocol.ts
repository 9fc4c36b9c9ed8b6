/** Pub/Sub's own protocol, from the proto files of Google's client. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';

export interface PubSubMessage {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey: string;
  readonly messageId: string;
}

interface Services {
  readonly publisher: grpc.ServiceDefinition;
  readonly subscriber: grpc.ServiceDefinition;
}

export async function loadServices(): Promise<Services> {
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
  const of = (name: string) =>
    definition[`google.pubsub.v1.${name}`] as unknown as grpc.ServiceDefinition;
  return { publisher: of('Publisher'), subscriber: of('Subscriber') };
}

/** An answer that is a status of gRPC. */
export class Refusal extends Error {
  constructor(
    readonly code: grpc.status,
    message: string,
  ) {
    super(message);
  }
}
