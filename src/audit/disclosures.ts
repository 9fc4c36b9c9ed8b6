/** Which versions of a patient's records were given to whom: events are resolved to what stood where at their time. */
import type { AccessEvent, EventPlace } from './chain.js';
import { grouped } from './verify.js';

/** One version of a record, which stood in its feed from its position until the next one's. */
export interface RecordVersion {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  /** Position of the version after it. */
  readonly next: number | undefined;
}

/** A version that was given, or may have been: of a stream that broke off, or whose end was not recorded. */
export interface DisclosedVersion {
  readonly at: string;
  readonly certainty: 'given' | 'perhaps';
  readonly event: AccessEvent;
  readonly version: RecordVersion;
}

interface StoredEvent {
  readonly at: string;
  /** JSON text of an event. */
  readonly event: string;
}

/** @param events those that disclose records; of each chain in its order */
export async function findDisclosures(
  versions: readonly RecordVersion[],
  events: AsyncIterable<StoredEvent>,
): Promise<readonly DisclosedVersion[]> {
  const sorted = versions.toSorted((one, other) => one.position - other.position);
  const index = grouped(sorted, ({ collection }) => collection);
  const disclosed: DisclosedVersion[] = [];
  const begun = new Map<string, readonly DisclosedVersion[]>();
  for await (const { at, event: text } of events) {
    // The chain vouches for what the service once wrote.
    const event = JSON.parse(text) as AccessEvent & { readonly place: EventPlace };
    const certainty = event.outcome === 'answered' || event.outcome === 'ended';
    const found = [...matches(event, index)].map((version): DisclosedVersion => ({
      ...{ at, certainty: certainty ? 'given' : 'perhaps', event, version },
    }));
    if (event.begun !== undefined) begun.delete(event.begun.join('/'));
    if (event.outcome === 'begun') begun.set(event.place.join('/'), found);
    else disclosed.push(...found);
  }
  const all = [...disclosed, ...[...begun.values()].flat()];
  return all.sort((one, other) => compare(one.at, other.at));
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Of each collection, in the order of their positions. */
type Index = ReadonlyMap<string | number, readonly RecordVersion[]>;

function* matches(event: AccessEvent, index: Index): Iterable<RecordVersion> {
  const { collection = '', positions = [], stretches = [], digested } = event;
  const versions = index.get(collection);
  // A digest discloses how many records there are, and none of them.
  if (versions === undefined || digested !== undefined) return;
  for (const position of positions) {
    const version = versions[firstBehind(versions, position - 1)];
    if (version?.position === position) yield version;
  }
  for (const [after, through, seen] of stretches) {
    for (let place = firstBehind(versions, after); place < versions.length; place += 1) {
      const version = versions[place];
      if (version === undefined || version.position > through) break;
      if (version.next === undefined || version.next > seen) yield version;
    }
  }
}

/** The place of the first version behind a position. */
function firstBehind(versions: readonly RecordVersion[], position: number): number {
  let [low, high] = [0, versions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((versions[middle]?.position ?? Infinity) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
