/** What Pub/Sub's refusals mean, and what mends them. */
import { codeOf, ProducerFault } from './producer-fault.js';

/** A refusal that publishing again may change. */
export class PublishFailed extends Error {
  override readonly name = 'PublishFailed';
}

interface Place {
  /** `projects/P/topics/T`. */
  readonly topic: string;
  readonly collection: string;
}

/** @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const codes = {
  INVALID_ARGUMENT: '3',
  NOT_FOUND: '5',
  PERMISSION_DENIED: '7',
  FAILED_PRECONDITION: '9',
  UNAUTHENTICATED: '16',
} as const;

/** The cause is left out where it would show what was sent. */
export function publishFault(error: unknown, place: Place): ProducerFault | PublishFailed {
  const words = error instanceof Error ? firstLine(error.message) : String(error);
  const [, project = '', , name = ''] = place.topic.split('/');
  const at = `${name} --project=${project}`;
  switch (codeOf(error) ?? '') {
    case codes.NOT_FOUND:
      return new ProducerFault(
        'configuration',
        `there is no topic ${place.topic}: make it, with: gcloud pubsub topics create ${at} (or correct PUBSUB_PROJECT and PUBSUB_TOPIC)`,
      );
    case codes.PERMISSION_DENIED:
      return new ProducerFault(
        'permission',
        `the producer may not publish to ${place.topic}: grant it roles/pubsub.publisher, with: gcloud pubsub topics add-iam-policy-binding ${at} --member=serviceAccount:SERVICE_ACCOUNT --role=roles/pubsub.publisher`,
      );
    case codes.UNAUTHENTICATED:
      return new ProducerFault('permission', identityWords(place));
    case codes.INVALID_ARGUMENT:
    case codes.FAILED_PRECONDITION:
      return new ProducerFault(
        'data',
        `${place.topic} refuses ${place.collection} (${words}): if the topic has a schema, take it off, with: gcloud pubsub topics update ${at} --clear-schema-settings; the table's own schema is what messages are held against. Nothing behind them is published before`,
      );
    default:
      if (words.includes('default credentials')) {
        return new ProducerFault('permission', identityWords(place));
      }
      return new PublishFailed(words);
  }
}

function identityWords({ topic }: Place): string {
  return `the producer has no identity to publish to ${topic} with: run it under a service account that has roles/pubsub.publisher, or on your own machine: gcloud auth application-default login`;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
