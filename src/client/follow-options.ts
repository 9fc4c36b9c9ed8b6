/** How a feed is followed. */
import type { CollectionName } from './types.js';

export interface FollowOptions {
  /** Go on behind this position, a `cursor` of a page; from the start of the feed without it. */
  readonly cursor?: string | undefined;
  /** The history that `cursor` or `updatedSince` belongs to. */
  readonly epoch?: string | undefined;
  /** Begin with what changed at this time or later, RFC 3339, where no cursor is known. */
  readonly updatedSince?: string | undefined;
  /** Records on a page, at most 1000. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
  /** How long the service may hold an empty page back; 0 asks for none. */
  readonly waitSeconds?: number;
  /** The pause after an empty page that was not held back. */
  readonly pollSeconds?: number;
  /** Give up when the service was away for so long; never without it. */
  readonly giveUpAfterSeconds?: number | undefined;
  /** Told before each wait for a service that cannot answer. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface Retry {
  readonly collection: CollectionName;
  /** 1 at the first failure in a row. */
  readonly attempt: number;
  readonly delayMs: number;
  /** A status, or what the connection met. */
  readonly reason: string;
}

export type Following = FollowOptions & { readonly collection: CollectionName };
