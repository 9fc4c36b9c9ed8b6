/** One collection of the service as reconciling sees it, read by the published client. */
import { failureOf, passingFailure } from '../client/asking.js';
import type { HospitalClient } from '../client/client.js';
import { createPatience } from '../client/patience.js';
import { positionOf } from '../client/position.js';
import { isPassing } from '../client/retry.js';
import type { CollectionName } from '../contract/collections.js';
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
      const query = { from: timeOf(from), ...(to !== undefined && { to: timeOf(to) }) };
      const path: `/${CollectionName}/digest` = `/${collection}/digest`;
      const { data, response } = await asked(collection, () =>
        client.api.GET(path, { params: { query } }),
      );
      if (data === undefined) throw refusal(path, response.status);
      const { headers } = response;
      return {
        ...{ count: data.count, digest: data.digest, to: positionOf(data.to) },
        epoch: headers.get('feed-epoch') ?? '',
        last: positionOf(headers.get('feed-position') ?? ''),
      };
    },
    async entries({ from, to = Number.MAX_SAFE_INTEGER }) {
      const found: Entry[] = [];
      const pages = client.follow(collection, {
        ...{ updatedSince: timeOf(from), limit: 1000, waitSeconds: 0, giveUpAfterSeconds },
      });
      for await (const { records, more } of pages) {
        for (const record of records) {
          const fields: Readonly<Record<string, unknown>> = { ...record };
          const entry = { id: String(fields[idField]), position: positionOf(record.updated_ts) };
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
  const { data, response } = await asked(collection, () =>
    client.api.GET(path, { params, parseAs: 'text' }),
  );
  if (response.status === notFound) return undefined;
  if (data === undefined) throw refusal(path, response.status);
  const { updated_ts: updated } = JSON.parse(data) as { updated_ts: string };
  return { text: data, position: positionOf(updated) };
}

/** Thousands of rows are asked for one by one: more than the service's limit lets through at once. */
async function asked<Answer extends { readonly response: Response }>(
  collection: CollectionName,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const patience = createPatience({ collection, giveUpAfterSeconds });
  for (;;) {
    const answer = await ask().catch((cause: unknown) => failureOf(cause, undefined));
    if (!('response' in answer)) await patience.wait(answer);
    else if (!isPassing(answer.response.status)) return answer;
    else await patience.wait(passingFailure(answer.response));
  }
}

function refusal(path: string, status: number): FeedRefused {
  return new FeedRefused(`the service answered ${status} to ${path}`);
}

/** A position as RFC 3339 with six fraction digits. */
function timeOf(position: number): string {
  const seconds = Math.floor(position / 1_000_000);
  const micros = String(position - seconds * 1_000_000).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}Z`;
}
