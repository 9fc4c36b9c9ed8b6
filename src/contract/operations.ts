/** An operation of the contract as types: a call's values in, one of its documented answers out. */
import type { operations } from '../../generated/api.js';
import type { CollectionName, RecordOf } from './collections.js';

type OperationId = keyof operations;

/** The values of one request, checked against the contract. */
export interface Call<Id extends OperationId> {
  readonly pathParams: Values<operations[Id]['parameters']['path']>;
  readonly query: Values<operations[Id]['parameters']['query']>;
  /** The query as it was sent, each value decoded but not interpreted. */
  readonly rawQuery: Readonly<Record<string, string>>;
  /** The client's preferences (RFC 7240). The contract names no such parameter: its mock server uses the header too. */
  readonly prefer: string | undefined;
  /** The versions that the client has, as `If-None-Match` names them. */
  readonly ifNoneMatch: string | undefined;
  /** The media type that the client prefers among those that the contract offers. */
  readonly accept: MediaType<Id>;
  /** Aborted once the client is gone or has its answer. */
  readonly signal: AbortSignal;
}

/** The documented answers but problems, which are thrown. */
export type Reply<Id extends OperationId> = {
  [Status in keyof operations[Id]['responses'] & number]: ReplyOf<
    Status,
    operations[Id]['responses'][Status]
  > &
    Disclosing<Id>;
}[keyof operations[Id]['responses'] & number];

/** An operation that needs a key says what its answer discloses, so that the audit can record it. */
type Disclosing<Id extends OperationId> = 401 extends keyof operations[Id]['responses']
  ? { readonly disclosed: Disclosure }
  : unknown;

/** One function for each operation of the contract, of the operation's name. */
export type Operations = {
  readonly [Id in OperationId]: (call: Call<Id>) => Reply<Id> | Promise<Reply<Id>>;
};

/**
 * The records that stood behind `after`, up to and with `through`, while `seen` was the feed's newest position: those
 * whose next version, where there is one, stands behind `seen`. Positions are microseconds since 1970.
 */
export type DisclosedRange = readonly [after: number, through: number, seen: number];

/** Which versions of which records an answer discloses, so that they can be found again whatever happens since. */
export interface Disclosed {
  /** How many records left. */
  readonly records?: number;
  /** Of pages and streams of a feed, and of a digest. */
  readonly stretches?: readonly DisclosedRange[];
  /** Of single records and filtered queries: what a query found would not be found by it again. */
  readonly positions?: readonly number[];
  /** The parameters by which a filtered query found its records. */
  readonly filter?: object | undefined;
  /** How many records a digest covers; none of their contents leave. */
  readonly digested?: number;
}

export interface Disclosure extends Disclosed {
  readonly collection: string;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch: number;
  /** Of a stream: what it gave so far, known in full only when it has ended. The rest is what it gives at most. */
  readonly given?: () => Pick<Disclosed, 'records' | 'stretches'>;
}

type Nothing = Readonly<Record<string, never>>;

declare const holds: unique symbol;

/** A text that is sent as it is. */
export type Text = string | StoredText;

/** JSON text of a value of this type that was checked when it was written. */
export type JsonText<Value> = Text & { readonly [holds]: Value };

/** The text, or the stream, of such values, one a line. */
export type Ndjson<Value> = (Text | AsyncIterable<Buffer>) & { readonly [holds]: Value };

type Values<Parameters> = [Parameters] extends [undefined]
  ? Nothing
  : Readonly<NonNullable<Parameters>>;

type MediaType<Id extends OperationId> = Reply<Id>['type'];

type Problem = 'application/problem+json';

/** A response's media types; none where it is a problem. */
type Offered<Response> = Response extends { readonly content: infer Content }
  ? Problem extends keyof Content
    ? never
    : Content
  : never;

type ReplyOf<Status, Response> = [Offered<Response>] extends [never]
  ? never
  : {
      [Type in keyof Offered<Response>]: {
        readonly status: Status;
        readonly headers: HeadersOf<Response>;
        readonly type: Type;
        readonly body: BodyOf<Offered<Response>, Type>;
      };
    }[keyof Offered<Response>];

type BodyOf<Content, Type extends keyof Content> = Type extends 'application/x-ndjson'
  ? Ndjson<ItemOf<Content>>
  : Type extends 'application/json'
    ? Content[Type] | JsonText<Content[Type]>
    : Content[Type];

/** What a line holds: an item of the array that the same response offers as JSON. */
type ItemOf<Content> = Content extends { readonly 'application/json': readonly (infer Item)[] }
  ? Item
  : never;

/** The named headers; the request id is added to every answer alike. */
type HeadersOf<Response> = Response extends { readonly headers: infer Headers }
  ? {
      readonly [
        Name in keyof Headers as string extends Name
          ? never
          : Name extends 'X-Request-Id'
            ? never
            : Name
      ]: Headers[Name];
    }
  : Nothing;

/** A text as the bytes of its UTF-8, one character each: what is stored is served without being read. */
export class StoredText {
  constructor(
    /** Characters up to U+00FF; written as `latin1` they are the text. */
    readonly bytes: string,
  ) {}

  /** In bytes. */
  get length(): number {
    return this.bytes.length;
  }

  toBuffer(): Buffer {
    return Buffer.from(this.bytes, 'latin1');
  }

  toString(): string {
    return this.toBuffer().toString();
  }
}

export function isText(body: unknown): body is Text {
  return typeof body === 'string' || body instanceof StoredText;
}

export function isStream(body: unknown): body is AsyncIterable<Buffer> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

export function recordText<Name extends CollectionName>(body: Text) {
  return body as JsonText<RecordOf<Name>>;
}

export function arrayText<Name extends CollectionName>(body: Text) {
  return body as JsonText<RecordOf<Name>[]>;
}

export function ndjson<Name extends CollectionName>(body: Text | AsyncIterable<Buffer>) {
  return body as Ndjson<RecordOf<Name>>;
}
