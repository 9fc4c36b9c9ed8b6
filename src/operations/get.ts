/** One record of a collection by its id. */
import type { CollectionName, RecordOf } from '../contract/collections.js';
import type { Disclosure } from '../contract/disclosure.js';
import { type JsonText, recordText } from '../contract/operations.js';
import { problems } from '../problem.js';
import type { Store } from '../store.js';
import { epochText } from './cursor.js';
import type { Version } from '../feed/reading.js';

interface GetReply<Name extends CollectionName> {
  readonly status: 200;
  readonly headers: { readonly ETag: string; readonly 'Cache-Control': 'private, no-cache' };
  readonly type: 'application/json';
  readonly body: JsonText<RecordOf<Name>>;
  readonly disclosed: Disclosure;
}

interface Asked {
  readonly id: string;
  readonly held: string | undefined;
}

export async function getOf<Name extends CollectionName>(
  collection: Name,
  { id, held }: Asked,
  store: Pick<Store, 'find'>,
): Promise<GetReply<Name>> {
  const record = await store.find(collection, id, newestOf(held));
  if (record === undefined) throw problems.recordNotFound();
  const { body, position, epoch } = record;
  return {
    status: 200,
    headers: {
      ETag: tagOf(record),
      'Cache-Control': 'private, no-cache',
    },
    type: 'application/json',
    body: recordText<Name>(body),
    disclosed: { kind: 'records', collection, epoch, positions: [position] },
  };
}

function tagOf({ epoch, position }: Version): string {
  return `"${epochText(epoch)}-${position.toString(16)}"`;
}

const tags = /"([0-9a-f]{16})-([0-9a-f]{1,13})"/g;

/** Of the versions that a reader says it has, as this service named them. */
function newestOf(held: string | undefined): Version | undefined {
  const versions = [...(held ?? '').matchAll(tags)].map(([, epoch = '', position = '']) => ({
    epoch: Number.parseInt(epoch, 16),
    position: Number.parseInt(position, 16),
  }));
  return versions
    .sort((one, other) => one.epoch - other.epoch || one.position - other.position)
    .at(-1);
}
