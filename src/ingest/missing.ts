/** Records that a full extract no longer holds: only of its own source and of the types that it holds at all. */
import type { CollectionName } from '../contract/collections.js';
import type { Missing, Sightings } from './write/seen-ids.js';

export interface MissingReport {
  readonly kinds: readonly Missing[];
  /** Why nothing was marked. */
  readonly refused?: { readonly reason: string; readonly isLimit: boolean };
}

/** Gathers what was seen until it is worth a round trip. */
export interface Sighter {
  /** @param id of the resource's own record; nothing when it could not be read */
  see(collection: CollectionName | undefined, id: string | undefined): void;
  /** A type that the extract holds. */
  holds(collection: CollectionName, type: string): void;
  /** Hands over what was seen once it is many, or all of it. */
  flush(all?: boolean): Promise<void>;
  /** @param maxPercent of a kind's records that may be marked */
  mark(maxPercent: number): Promise<MissingReport>;
}

const resourcesATrip = 5000;

export function createSighter(sightings: Sightings): Sighter {
  const seen = new Map<CollectionName, string[]>();
  const kinds = new Map<string, { collection: CollectionName; type: string }>();
  let count = 0;
  let unreadable = 0;

  async function flush(all = false): Promise<void> {
    if (count < resourcesATrip && !all) return;
    const portions = [...seen];
    seen.clear();
    count = 0;
    for (const [collection, ids] of portions) await sightings.see(collection, ids);
  }

  return {
    see(collection, id) {
      if (collection === undefined || id === undefined) {
        unreadable += 1;
        return;
      }
      const ids = seen.get(collection) ?? [];
      seen.set(collection, ids);
      ids.push(id);
      count += 1;
    },
    holds(collection, type) {
      const key = `${collection} ${type}`;
      if (!kinds.has(key)) kinds.set(key, { collection, type });
    },
    flush,
    async mark(maxPercent) {
      await flush(true);
      const found = await sightings.findMissing([...kinds.values()]);
      const refused = refusalOf(found, unreadable, maxPercent);
      if (refused === undefined) await sightings.mark();
      return { kinds: found, ...(refused && { refused }) };
    },
  };
}

function refusalOf(found: readonly Missing[], unreadable: number, maxPercent: number) {
  if (unreadable > 0) {
    const reason = `${unreadable} lines could not be read, so what they hold may not be missing`;
    return { reason, isLimit: false };
  }
  const tooMany = found.filter(({ missing, of }) => missing * 100 > of * maxPercent);
  if (tooMany.length === 0) return undefined;
  const shares = tooMany.map(({ type, missing, of }) => `${missing} of ${of} ${type}`).join(', ');
  return {
    reason: `${shares} are not in the extract, more than --max-missing ${maxPercent}% allows; if the extract is whole, load it again with a higher one`,
    isLimit: true,
  };
}
