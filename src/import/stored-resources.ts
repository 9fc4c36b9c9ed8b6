/** The kept resources of a source as an input, so that its records can be derived anew. */
import type { Collection } from '../contract/collections.js';
import type { Store } from '../store/store.js';
import type { Input, Line } from './line.js';

export interface StoredResources {
  readonly inputs: readonly Input[];
  /** At which position a record of the lines that were read last stood. */
  readonly positionOf: (id: string) => string | undefined;
}

const rowsAPage = 1000;

/** Records that are missing, or that their resource no longer has, stay as they are. */
export function storedResources(
  store: Store,
  collections: readonly Collection[],
  source: string,
): StoredResources {
  let positions = new Map<string, string>();

  async function* lines(collection: string): AsyncGenerator<readonly Line[]> {
    const through = await store.lastPosition(collection);
    for (let after = '0'; ;) {
      const rows = await store.storedRows({ collection, after, through, limit: rowsAPage });
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.position;
      positions = new Map(rows.map(({ id, position }) => [id, position]));
      const texts = rows
        .filter(({ id, recordState }) => id.startsWith(`${source}:`) && recordState !== 'missing')
        .flatMap(({ resource, retractedBy }) =>
          resource === undefined || retractedBy !== undefined ? [] : [resource],
        );
      yield [...new Set(texts)].map((text, index) => ({ kind: 'text', number: index + 1, text }));
    }
  }

  return {
    inputs: collections.map(({ name }) => ({ name, lines: () => lines(name) })),
    positionOf: (id) => positions.get(id),
  };
}
