/** One record of a collection by its id. */
import type { CollectionName, RecordOf } from '../contract/collections.js';
import { type Disclosure, type JsonText, recordText } from '../contract/operations.js';
import { problems } from '../problem.js';
import type { FeedReader, Version } from '../feed/reading.js';
import { epochText } from './cursor.js';

interface GetReply<Name extends CollectionName> {
  readonly status: 200;
  readonly headers: { readonly ETag: string; readonly 'Cache-Control': 'private, no-cache' };
  readonly type: 'application/json';
  readonly body: JsonText<RecordOf<Name>>;
  readonly disclosed: Disclosure;
}

interface GetCall {
  readonly id: string;
  readonly ifNoneMatch: string | undefined;
}

export async function getOf<Name extends CollectionName>(
  collection: Name,
  { id, ifNoneMatch }: GetCall,
  store: Pick<FeedReader, 'find'>,
): Promise<GetReply<Name>> {
  const record = await store.find(collection, id, newestOf(ifNoneMatch));
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
    disclosed: { collection, epoch, records: 1, positions: [position] },
  };
}

function tagOf({ epoch, position }: Version): string {
  return `"${epochText(epoch)}-${position.toString(16)}"`;
}

const tags = /"([0-9a-f]{16})-([0-9a-f]{1,13})"/g;

/** The newest of the versions that a reader says it has; tags that this service did not write are ignored. */
function newestOf(ifNoneMatch = ''): Version | undefined {
  const versions = [...ifNoneMatch.matchAll(tags)].map(([, epoch = '', position = '']) => ({
    epoch: Number.parseInt(epoch, 16),
    position: Number.parseInt(position, 16),
  }));
  return versions
    .sort((one, other) => one.epoch - other.epoch || one.position - other.position)
    .at(-1);
}
