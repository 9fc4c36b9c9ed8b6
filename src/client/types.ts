/** The collections and records of the contract, as the client's users see them. */
import type { paths } from '../../generated/api.js';

/** `patients`, `appointments`, … : the first step of every path that ends in an id. */
export type CollectionName = {
  [Path in keyof paths]: Path extends `/${infer Name}/{${string}}` ? Name : never;
}[keyof paths];

/** As openapi-fetch wants it: it takes read-only arrays for objects, which have no `map`. */
export type Writable<Value> = Value extends readonly (infer Item)[]
  ? Writable<Item>[]
  : Value extends object
    ? { -readonly [Name in keyof Value]: Writable<Value[Name]> }
    : Value;

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
  /** Nothing while the answer goes on: there, save `updatedThrough` and go on with it as `updatedSince`. */
  readonly cursor: string | undefined;
  /** The `updated_ts` of the last record; nothing where there is none. */
  readonly updatedThrough: string | undefined;
}

/** @returns the key of a collection; it is called again when the service refuses the one before */
export type KeySource = (collection: CollectionName) => string | Promise<string>;
