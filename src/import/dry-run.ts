/** In place of a store: compares what would be written with what is stored, and writes nothing. */
import type { Change, Compare } from '../store/compare.js';
import type { Store } from '../store/store.js';
import type { ImportStore } from './importer.js';

interface DryRunOptions {
  readonly store: Store;
  /** From `store.comparing`, for as long as the run takes. */
  readonly compare: Compare;
  /** Changes that are told; all are counted. */
  readonly show: number;
  readonly onChange: (collection: string, change: Change) => void;
}

/** An id that stands in several batches is compared with the store each time. */
export function createDryRun({ store, compare, show, onChange }: DryRunOptions): ImportStore {
  let left = show;
  return {
    startLoad: ({ source, mapping = '' }) => Promise.resolve({ id: 0n, source, mapping }),
    async write(collection, records, _, more) {
      const { changes, ...counts } = await compare({ ...more, collection, records }, left);
      left -= changes.length;
      for (const change of changes) onChange(collection, change);
      return counts;
    },
    knownResources: (collection, resources, mapping) =>
      store.knownResources(collection, resources, mapping),
    watchSightings: (load, work) =>
      store.watchSightings(load, (sightings) =>
        work({ ...sightings, mark: () => Promise.resolve() }),
      ),
    pastLoads: (options) => store.pastLoads(options),
    endLoad: () => Promise.resolve(),
  };
}
