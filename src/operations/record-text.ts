/** The one place that vouches for stored text: what the store holds was checked against the contract when written. */
import type { CollectionName, RecordOf } from '../contract/collections.js';
import type { JsonText, Lines, Text } from '../contract/operations.js';

export function recordText<Name extends CollectionName>(body: Text) {
  return body as JsonText<RecordOf<Name>>;
}

export function arrayText<Name extends CollectionName>(body: Text) {
  return body as JsonText<RecordOf<Name>[]>;
}

export function lines<Name extends CollectionName>(body: Text | AsyncIterable<Buffer>) {
  return body as Lines<RecordOf<Name>>;
}
