/** How far each feed was published, as it is kept between runs. */
import { ProducerError } from './producer-error.js';

export interface FeedState {
  /** The history that the cursor belongs to. */
  readonly epoch: string;
  /** The position behind the last acknowledged record; nothing within a long answer, where its time is the place. */
  readonly cursor?: string | undefined;
  /** The `updated_ts` of that record; empty before the first. */
  readonly publishedThrough: string;
}

/** Where a follower goes on. */
export function placeOf(state: FeedState | undefined) {
  const { cursor, epoch, publishedThrough = '' } = state ?? {};
  return { cursor, epoch, updatedSince: publishedThrough === '' ? undefined : publishedThrough };
}

export interface Checkpoint {
  /** The service whose feeds these are. */
  readonly service: string;
  readonly feeds: Readonly<Record<string, FeedState>>;
}

export interface Checkpoints {
  /** What the last run left; nothing before the first. */
  readonly saved: Checkpoint | undefined;
  /** @throws ProducerError when it cannot be written, or another producer writes it */
  save(checkpoint: Checkpoint): Promise<void>;
  close(): Promise<void>;
}

export function textOfCheckpoint(checkpoint: Checkpoint, beside: object = {}): string {
  return `${JSON.stringify({ format: 1, ...beside, ...checkpoint }, null, 2)}\n`;
}

/** @throws ProducerError when the text is no checkpoint */
export function parseCheckpoint(text: string, place: string): Checkpoint {
  const parsed = parsedJson(text);
  // Whoever owns it is not a part of it: the next one writes a name of its own.
  if (isCheckpoint(parsed)) return { service: parsed.service, feeds: parsed.feeds };
  throw new ProducerError(
    'configuration',
    `${place} is no checkpoint of this producer: name another with CHECKPOINT, or take it away and publish everything anew`,
  );
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (typeof value !== 'object' || value === null) return false;
  const { format, service, feeds } = value as Readonly<Record<string, unknown>>;
  if (format !== 1 || typeof service !== 'string') return false;
  return typeof feeds === 'object' && feeds !== null && Object.values(feeds).every(isFeedState);
}

function isFeedState(value: unknown): value is FeedState {
  if (typeof value !== 'object' || value === null) return false;
  const { epoch, cursor, publishedThrough } = value as Readonly<Record<string, unknown>>;
  const isPlace = typeof cursor === 'string' || (cursor === undefined && publishedThrough !== '');
  return isPlace && typeof epoch === 'string' && typeof publishedThrough === 'string';
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @throws ProducerError when it is of another service */
export function assertOwn(saved: Checkpoint | undefined, service: string): void {
  if (saved === undefined || saved.service === service) return;
  throw new ProducerError(
    'configuration',
    `the checkpoint is of ${saved.service}, and SERVICE_URL is ${service}: correct SERVICE_URL or CHECKPOINT, or publish everything anew with --from-start (after a mere change of address too, which does no harm)`,
  );
}
