/** One collection of the service as reconciling sees it, read by the published client. */
import { type HospitalClient, retryWhileUnavailable } from '@hospital-streaming-api/client';
import type { CollectionName } from '../contract/collections.js';
import { positionOfTime, timeOfPosition } from '../contract/time.js';
import type { Entry, PositionRange, RangeDigest } from './warehouse.js';

interface FeedDigest extends RangeDigest {
  /** The first position behind it. */
  readonly to: number;
  readonly epoch: string;
  /** The feed's newest position. */
  readonly last: number;
}

interface FoundRecord {
  /** The record as it is served. */
  readonly text: string;
  readonly position: number;
}

export interface Feed {
  readonly collection: CollectionName;
  /** Of a range, or as much of its beginning as one answer covers. */
  digest(range: PositionRange): Promise<FeedDigest>;
  entries(range: PositionRange): Promise<readonly Entry[]>;
  find(id: string): Promise<FoundRecord | undefined>;
}

/** The service answered what reconciling cannot go on with. */
class FeedRefused extends Error {
  override readonly name = 'FeedRefused';
}

const notFound = 404;
/** How long the service may be away, or refuse for being asked too often. */
const giveUpAfterSeconds = 60;

export function createFeed(
  client: HospitalClient,
  collection: CollectionName,
  idField: string,
): Feed {
  return {
    collection,
    async digest({ from, to }) {
      const query = {
        from: timeOfPosition(from),
        ...(to !== undefined && { to: timeOfPosition(to) }),
      };
      const path: `/${CollectionName}/digest` = `/${collection}/digest`;
      const { data, response } = await retryWhileUnavailable(
        () => client.api.GET(path, { params: { query } }),
        { collection, giveUpAfterSeconds },
      );
      if (data === undefined) throw refusal(path, response.status);
      const { headers } = response;
      return {
        ...{ count: data.count, digest: data.digest, to: positionOfTime(data.to) },
        epoch: headers.get('feed-epoch') ?? '',
        last: positionOfTime(headers.get('feed-position') ?? ''),
      };
    },
    async entries({ from, to = Number.MAX_SAFE_INTEGER }) {
      const found: Entry[] = [];
      const pages = client.follow(collection, {
        ...{ updatedSince: timeOfPosition(from), limit: 1000, waitSeconds: 0, giveUpAfterSeconds },
      });
      for await (const { records, more } of pages) {
        for (const record of records) {
          const fields: Readonly<Record<string, unknown>> = { ...record };
          const entry = {
            id: String(fields[idField]),
            position: positionOfTime(record.updated_ts),
          };
          if (entry.position >= to) return found;
          found.push(entry);
        }
        if (!more) return found;
      }
      return found;
    },
    find: (id) => findRecord(client, collection, idField, id),
  };
}

async function findRecord(
  client: HospitalClient,
  collection: CollectionName,
  idField: string,
  id: string,
): Promise<FoundRecord | undefined> {
  // Every collection has such a path; the first stands for all.
  const path = `/${collection}/{${idField}}` as '/patients/{patient_id}';
  const params = { path: { [idField]: id } as { patient_id: string } };
  const { data, response } = await retryWhileUnavailable(
    () => client.api.GET(path, { params, parseAs: 'text' }),
    { collection, giveUpAfterSeconds },
  );
  if (response.status === notFound) return undefined;
  if (data === undefined) throw refusal(path, response.status);
  const { updated_ts: updated } = JSON.parse(data) as { updated_ts: string };
  return { text: data, position: positionOfTime(updated) };
}

function refusal(path: string, status: number): FeedRefused {
  return new FeedRefused(`the service answered ${status} to ${path}`);
}
