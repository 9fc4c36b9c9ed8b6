/** One record of a collection by its id. */
import type { CollectionName, RecordOf } from '../contract/collections.js';
import type { Disclosure } from '../contract/disclosure.js';
import type { JsonText } from '../contract/operations.js';
import { problems } from '../problem.js';
import type { Store } from '../store/store.js';
import { epochText } from './cursor.js';
import { recordText } from './record-text.js';

interface GetReply<Name extends CollectionName> {
  readonly status: 200;
  readonly headers: { readonly ETag: string; readonly 'Cache-Control': 'private, no-cache' };
  readonly type: 'application/json';
  readonly body: JsonText<RecordOf<Name>>;
  readonly disclosed: Disclosure;
}

export async function getOf<Name extends CollectionName>(
  collection: Name,
  id: string,
  store: Pick<Store, 'find'>,
): Promise<GetReply<Name>> {
  const record = await store.find(collection, id);
  if (record === undefined) throw problems.recordNotFound();
  const { body, position, epoch } = record;
  return {
    status: 200,
    headers: {
      ETag: `"${epochText(epoch)}-${position.toString(16)}"`,
      'Cache-Control': 'private, no-cache',
    },
    type: 'application/json',
    body: recordText<Name>(body),
    disclosed: { kind: 'records', collection, epoch, positions: [position] },
  };
}
