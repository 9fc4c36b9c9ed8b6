/** Secret Manager's events of changed secrets, from a Pub/Sub subscription: what changed is read at once. */
import type { Message, Subscription } from '@google-cloud/pubsub';
import type { Log } from '../../log.js';

export interface RotationEventsOptions {
  /** `projects/P/subscriptions/S`. */
  readonly subscription: string;
  /** @param secret the last part of its name: events give the project by number */
  readonly onChange: (secret: string) => void;
  readonly log: Log;
}

export interface RotationEvents {
  close(): Promise<void>;
}

/** Events that change which keys are valid; others, also ones not known yet, are passed over. */
const changes = new Set([
  'SECRET_VERSION_ADD',
  'SECRET_VERSION_ENABLE',
  'SECRET_VERSION_DISABLE',
  'SECRET_VERSION_DESTROY',
  'SECRET_DELETE',
]);
/** A subscription that failed for good is opened again after this long. */
const reopenMs = 60_000;

export async function watchRotation(options: RotationEventsOptions): Promise<RotationEvents> {
  const { subscription: path, log } = options;
  const { PubSub } = await import('@google-cloud/pubsub');
  const [, projectId = ''] = path.split('/');
  const client = new PubSub({ projectId });
  let subscription: Subscription | undefined;
  let timer: NodeJS.Timeout | undefined;
  const open = () => {
    subscription = client.subscription(path, {
      flowControl: { maxMessages: 10 },
      streamingOptions: { maxStreams: 1 },
    });
    subscription.on('message', (message: Message) => {
      receive(message, options);
    });
    subscription.once('error', (error: Error) => {
      log.warn(
        { subscription: path },
        `events of changed secrets do not arrive (${error.message}); keys are read by the timer alone: check that the subscription exists and grant roles/pubsub.subscriber on it`,
      );
      void closeQuietly(subscription);
      timer = setTimeout(open, reopenMs).unref();
    });
  };
  open();
  return {
    close: async () => {
      clearTimeout(timer);
      await closeQuietly(subscription);
      await client.close();
    },
  };
}

/** The refresh asks Secret Manager itself, so that an event tells where to look and nothing more. */
function receive(message: Message, { onChange, log }: RotationEventsOptions): void {
  const { eventType = '', secretId = '', versionId = '' } = message.attributes;
  message.ack();
  if (!changes.has(eventType)) return;
  log.info({ eventType, versionId }, 'a secret changed');
  onChange(secretId.split('/').at(-1) ?? '');
}

/** It may have closed itself for the error that is being handled. */
async function closeQuietly(subscription: Subscription | undefined): Promise<void> {
  subscription?.removeAllListeners();
  subscription?.on('error', () => undefined);
  await subscription?.close().catch(() => undefined);
}
