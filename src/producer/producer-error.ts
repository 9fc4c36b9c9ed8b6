/** Why the producer cannot go on: what kind of thing has to change, and one line that says what to do. */
import {
  HistoryEnded,
  KeyRefused,
  KeySourceFailed,
  RequestRefused,
  ServiceUnavailable,
} from '@hospital-streaming-api/client';

export type ProducerErrorKind =
  /** A record that cannot be published. */
  | 'data'
  /** The service or Google cannot be reached, or goes on refusing. */
  | 'unavailable'
  /** The checkpoint cannot be written. */
  | 'unwritable'
  /** Another producer works on the same checkpoint. */
  | 'busy'
  /** A key or a role is missing. */
  | 'permission'
  /** A topic is missing, or the checkpoint is of something else. */
  | 'configuration';

export class ProducerError extends Error {
  override readonly name = 'ProducerError';
  constructor(
    readonly kind: ProducerErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The code that errors of files and sockets carry. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : String(error.code);
}

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
export function publishError(error: unknown, place: Place): ProducerError | PublishFailed {
  const words = error instanceof Error ? firstLine(error.message) : String(error);
  const [, project = '', , name = ''] = place.topic.split('/');
  const at = `${name} --project=${project}`;
  switch (codeOf(error) ?? '') {
    case codes.NOT_FOUND:
      return new ProducerError(
        'configuration',
        `there is no topic ${place.topic}: make it, with: gcloud pubsub topics create ${at} (or correct PUBSUB_PROJECT and PUBSUB_TOPIC)`,
      );
    case codes.PERMISSION_DENIED:
      return new ProducerError(
        'permission',
        `the producer may not publish to ${place.topic}: grant it roles/pubsub.publisher, with: gcloud pubsub topics add-iam-policy-binding ${at} --member=serviceAccount:SERVICE_ACCOUNT --role=roles/pubsub.publisher`,
      );
    case codes.UNAUTHENTICATED:
      return new ProducerError('permission', identityWords(place));
    case codes.INVALID_ARGUMENT:
    case codes.FAILED_PRECONDITION:
      return new ProducerError(
        'data',
        `${place.topic} refuses ${place.collection} (${words}): if the topic has a schema, take it off, with: gcloud pubsub topics update ${at} --clear-schema-settings; the table's own schema is what messages are held against. Nothing behind them is published before`,
      );
    default:
      if (words.includes('default credentials')) {
        return new ProducerError('permission', identityWords(place));
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

/** The same error where nothing better can be said. */
export function followError(name: string, error: unknown): unknown {
  if (error instanceof HistoryEnded) return otherHistory(name, error.epoch);
  if (error instanceof KeyRefused) {
    return new ProducerError(
      'permission',
      `the service refuses the key of ${name}: give the producer the present one (API_KEYS_DIR, ${name.toUpperCase()}_API_KEY or Secret Manager), or see which there are with: npm run keys -- list ${name}`,
    );
  }
  if (error instanceof KeySourceFailed) {
    const why = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return new ProducerError(
      isUnreachable(error.cause) ? 'unavailable' : 'permission',
      `${error.message}${why}`,
    );
  }
  if (error instanceof ServiceUnavailable) {
    const message = `${error.message}: see that it runs and that SERVICE_URL is right; the next run goes on where this one was`;
    return new ProducerError('unavailable', message);
  }
  if (error instanceof RequestRefused) {
    const message = `${error.message} for ${name}: see that SERVICE_URL names the service itself, and that the checkpoint was not edited`;
    return new ProducerError('configuration', message);
  }
  return error;
}

/** Whether the key source cannot be reached, by the kind of its error. */
function isUnreachable(cause: unknown): boolean {
  return cause instanceof Error && 'kind' in cause && cause.kind === 'unreachable';
}

/** The store was restored: what the table has may be ahead of it, so nothing goes on by itself. */
function otherHistory(collection: string, epoch: string | undefined): ProducerError {
  const present = epoch === undefined ? '' : ` (now ${epoch})`;
  return new ProducerError(
    'configuration',
    `the checkpoint of ${collection} is of another history of the feed${present}: the service's store was restored or replaced. If that is right, publish everything anew with --from-start, then look for rows that no longer exist with: npm run reconcile`,
  );
}
