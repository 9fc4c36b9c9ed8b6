/** Count and digest of a range of a feed, without its records. */
import type { operations } from '../../generated/api.js';
import type { CollectionName } from '../contract/collections.js';
import type { Disclosure } from '../contract/operations.js';
import type { FeedReader } from '../feed/reading.js';
import { problems } from '../problem.js';
import { positionOfTime, timeOfPosition } from '../contract/time.js';
import { epochText } from './cursor.js';

interface DigestCall {
  readonly query: { readonly from?: string; readonly to?: string };
}

interface DigestReply {
  readonly status: 200;
  readonly headers: {
    readonly 'Feed-Epoch': string;
    readonly 'Feed-Position': string;
    readonly 'Cache-Control': 'no-store';
  };
  readonly type: 'application/json';
  readonly body: operations['getPatientsDigest']['responses'][200]['content']['application/json'];
  readonly disclosed: Disclosure;
}

/** Bounds what one answer costs. */
const mostRecords = 10_000;

export function digestOf(collection: CollectionName, store: Pick<FeedReader, 'digest'>) {
  return async ({ query }: DigestCall): Promise<DigestReply> => {
    const from = positionOf(query.from) ?? 0;
    const until = positionOf(query.to);
    if (until !== undefined && until < from) throw problems.invalidParameter([endBeforeStart]);
    const to = until ?? Number.MAX_SAFE_INTEGER;
    const found = await store.digest({ collection, from, to, limit: mostRecords });
    const { count, digest, last, epoch } = found;
    const whole = until ?? Math.max(from, last + 1);
    const end = count < mostRecords ? whole : Math.min(whole, (found.end ?? from) + 1);
    return {
      status: 200,
      headers: {
        'Feed-Epoch': epochText(epoch),
        'Feed-Position': timeOfPosition(last),
        'Cache-Control': 'no-store',
      },
      type: 'application/json',
      body: { from: timeOfPosition(from), to: timeOfPosition(end), count, digest },
      disclosed: {
        ...{ collection, epoch, records: 0, digested: count },
        stretches: [[from - 1, end - 1, last]],
      },
    };
  };
}

const endBeforeStart = { parameter: 'to', detail: 'must not be earlier than from' };

/** Times before 1970, and those that no number of microseconds tells exactly, are where there is nothing. */
function positionOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  return Math.min(Math.max(positionOfTime(time), 0), Number.MAX_SAFE_INTEGER);
}
