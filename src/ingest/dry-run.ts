/** In place of a store: compares what would be written with what is stored, and writes nothing. */
import type { ImportStore } from './importer.js';
import type { Change, Compare } from './write/compare.js';

interface DryRunOptions {
  readonly store: ImportStore;
  /** From `store.comparing`, for as long as the run takes. */
  readonly compare: Compare;
  /** Changes that are reported; all are counted. */
  readonly show: number;
  readonly onChange: (collection: string, change: Change) => void;
}

/** An id that is in several batches is compared with the store each time. */
export function createDryRun({ store, compare, show, onChange }: DryRunOptions): ImportStore {
  let left = show;
  return {
    startLoad: ({ source, mapping = '' }) => Promise.resolve({ id: 0n, source, mapping }),
    inBatch: (collection, _load, work) =>
      compare(collection, (batch) =>
        work({
          ...batch,
          async write(rows) {
            const { changes, ...counts } = await batch.compare(rows, left);
            left -= changes.length;
            for (const change of changes) onChange(collection, change);
            return counts;
          },
        }),
      ),
    knownResources: (collection, resources, mapping) =>
      store.knownResources(collection, resources, mapping),
    trackSeen: (load, work) =>
      store.trackSeen(load, (seen) => work({ ...seen, mark: () => Promise.resolve() })),
    pastLoads: (options) => store.pastLoads(options),
    endLoad: () => Promise.resolve(),
  };
}

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Empty for a new record. */
export function fieldChanges({ stored, content, state }: Change): readonly FieldChange[] {
  if (stored === undefined) return [];
  const before = fieldsOf(stored);
  const after = fieldsOf({ content, state });
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

function fieldsOf({ content, state }: { readonly content: string; readonly state: string }) {
  // The store holds objects only.
  const fields = JSON.parse(content) as Readonly<Record<string, unknown>>;
  return { ...fields, record_state: state } as Readonly<Record<string, unknown>>;
}

/** Lines for people; ids and values are a patient's, so they are shown only on request. */
export function changeText(collection: string, change: Change, showValues: boolean): string {
  const subject = showValues ? `${collection} ${change.id}` : collection;
  if (change.stored === undefined) {
    return `would create ${subject}${showValues ? ` ${change.content}` : ''}\n`;
  }
  const fields = fieldChanges(change).map(({ field, before, after }) =>
    showValues
      ? `  ${field}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}\n`
      : `  ${field}\n`,
  );
  return `would update ${subject}\n${fields.join('')}`;
}
