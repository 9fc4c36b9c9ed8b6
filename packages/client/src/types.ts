/** The collections, records, pages and options that users of the client see. */
import type { paths } from '../../../generated/api.js';

export type { paths };

/** `patients`, `appointments`, … : the first step of every path that ends in an id. */
export type CollectionName = {
  [Path in keyof paths]: Path extends `/${infer Name}/{${string}}` ? Name : never;
}[keyof paths];

/** One record of a collection. */
export type RecordOf<Name extends CollectionName> =
  paths[`/${Name}`]['get']['responses'][200]['content']['application/json'][number];

/** A part of a feed, and where it goes on. */
export interface Page<Item> {
  readonly records: readonly Item[];
  /** The position behind this page: save it once the records are safe. */
  readonly cursor: string;
  /** Whether more records are waiting at present. */
  readonly more: boolean;
  /** The feed's history, 16 hexadecimal digits. A cursor is bound to it. */
  readonly epoch: string;
  /** The newest change of the feed when the page was made, RFC 3339. */
  readonly position: string;
}

/** The same as the bytes of the records, each the JSON that the service sent, in parts as they arrive. */
export interface Part extends Omit<Page<Uint8Array>, 'cursor'> {
  /** Absent until the response ends: save `updatedThrough` instead, and go on with it as `updatedSince`. */
  readonly cursor: string | undefined;
  /** The `updated_ts` of the last record; absent in an empty part. */
  readonly updatedThrough: string | undefined;
}

/** @returns the key of a collection; it is called again when the service refuses the previous one */
export type KeySource = (collection: CollectionName) => string | Promise<string>;

export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  /** Give up when the service was away for so long; never without it. */
  readonly giveUpAfterSeconds?: number | undefined;
  /** Called before each wait for a service that cannot answer. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface Retry {
  readonly collection: CollectionName;
  /** 1 at the first failure in a row. */
  readonly attempt: number;
  readonly delayMs: number;
  /** A status, or the error of the connection. */
  readonly reason: string;
}

/** How a feed is followed. */
export interface FollowOptions extends RetryOptions {
  /** Go on behind this position, a `cursor` of a page; from the start of the feed without it. */
  readonly cursor?: string | undefined;
  /** The history that `cursor` or `updatedSince` belongs to. */
  readonly epoch?: string | undefined;
  /** Begin with what changed at this time or later, RFC 3339, where no cursor is known. */
  readonly updatedSince?: string | undefined;
  /** Records on a page, at most 1000. */
  readonly limit?: number;
  /** How long the service may hold an empty page back; 0 turns long polling off. */
  readonly waitSeconds?: number;
  /** The pause after an empty page that was not held back. */
  readonly pollSeconds?: number;
}

export type FeedOptions = FollowOptions & { readonly collection: CollectionName };
