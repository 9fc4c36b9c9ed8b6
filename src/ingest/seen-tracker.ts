/** Finds records that a full extract no longer has: only of its own source and of the types that it has at all. */
import type { CollectionName } from '../contract/collections.js';
import type { Missing, SeenIds } from './write/seen-ids.js';

export interface MissingReport {
  readonly kinds: readonly Missing[];
  /** Why nothing was marked. */
  readonly refused?: { readonly reason: string; readonly isLimit: boolean };
}

/** Gathers the ids that were read until they are worth a round trip. */
export interface SeenTracker {
  /** @param id of the resource's own record; nothing when it could not be read */
  add(collection: CollectionName | undefined, id: string | undefined): void;
  /** A type that the extract has. */
  addType(collection: CollectionName, type: string): void;
  /** Stores what was gathered once it is many, or all of it. */
  flush(all?: boolean): Promise<void>;
  /** @param maxPercent of a kind's records that may be marked */
  mark(maxPercent: number): Promise<MissingReport>;
}

const resourcesATrip = 5000;

export function createSeenTracker(seenIds: SeenIds): SeenTracker {
  const gathered = new Map<CollectionName, string[]>();
  const kinds = new Map<string, { collection: CollectionName; type: string }>();
  let count = 0;
  let unreadable = 0;

  async function flush(all = false): Promise<void> {
    if (count < resourcesATrip && !all) return;
    const portions = [...gathered];
    gathered.clear();
    count = 0;
    for (const [collection, ids] of portions) await seenIds.add(collection, ids);
  }

  return {
    add(collection, id) {
      if (collection === undefined || id === undefined) {
        unreadable += 1;
        return;
      }
      const ids = gathered.get(collection) ?? [];
      gathered.set(collection, ids);
      ids.push(id);
      count += 1;
    },
    addType(collection, type) {
      const key = `${collection} ${type}`;
      if (!kinds.has(key)) kinds.set(key, { collection, type });
    },
    flush,
    async mark(maxPercent) {
      await flush(true);
      const found = await seenIds.findMissing([...kinds.values()]);
      const refused = refusalOf(found, unreadable, maxPercent);
      if (refused === undefined) await seenIds.mark();
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
