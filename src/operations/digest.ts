/** Count and digest of a stretch of a feed, without its records. */
import type { operations } from '../../generated/api.js';
import type { CollectionName } from '../contract/collections.js';
import type { Disclosure } from '../contract/disclosure.js';
import { problems } from '../problem.js';
import type { Store } from '../store.js';
import { epochText, positionOfTime, timeOfPosition } from './cursor.js';

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

/** What one answer costs is bounded by it. */
const mostRecords = 10_000;

export function digestOf(collection: CollectionName, store: Pick<Store, 'digest'>) {
  return async ({ query }: DigestCall): Promise<DigestReply> => {
    const from = positionOf(query.from) ?? 0;
    const asked = positionOf(query.to);
    if (asked !== undefined && asked < from) throw problems.invalidParameter([endBeforeStart]);
    const to = asked ?? Number.MAX_SAFE_INTEGER;
    const found = await store.digest({ collection, from, to, limit: mostRecords });
    const { count, digest, last, epoch } = found;
    const whole = asked ?? Math.max(from, last + 1);
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
        ...{ kind: 'digest', collection, epoch, digested: count },
        stretch: { after: from - 1, through: end - 1, seen: last },
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
