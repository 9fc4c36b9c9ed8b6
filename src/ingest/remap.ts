/** Derives stored records anew from the resources that were kept of them. */
import type { Collection, CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import { createDryRun, fieldChanges } from './dry-run.js';
import type { ImportReport } from './import-report.js';
import { createImporter } from './importer.js';
import type { Input, Line } from './read/lines.js';
import type { Change } from './write/compare.js';
import type { LoadStore } from './write/load-store.js';

export interface RemapOptions {
  readonly store: LoadStore;
  readonly contract: Contract;
  /** The hospital's time zone (IANA). */
  readonly timeZone: string;
  readonly source: string;
  readonly signal?: AbortSignal;
}

/** How many records of a collection would change, and in which fields. */
export interface RemapPreview {
  readonly report: ImportReport;
  readonly fields: Readonly<Partial<Record<CollectionName, Readonly<Record<string, number>>>>>;
}

export async function previewRemap(options: RemapOptions): Promise<RemapPreview> {
  const fields: Record<string, Record<string, number>> = {};
  const { store } = options;
  const onChange = (collection: string, change: Change) => {
    const counts = (fields[collection] ??= {});
    for (const { field } of fieldChanges(change)) counts[field] = (counts[field] ?? 0) + 1;
  };
  const report = await store.comparing((compare) =>
    run(options, createDryRun({ store, compare, show: Number.MAX_SAFE_INTEGER, onChange })),
  );
  return { report, fields };
}

/** What changed takes a new version and position; what another load wrote meanwhile stays. */
export function remap(options: RemapOptions): Promise<ImportReport> {
  return run(options, options.store);
}

function run(
  { store, contract, timeZone, source, signal }: RemapOptions,
  target: Parameters<typeof createImporter>[0]['store'],
): Promise<ImportReport> {
  const { inputs, positionOf } = storedResources(store, contract.collections, source);
  const importer = createImporter({ contract, store: target, timeZone, expectedOf: positionOf });
  return importer.run({ inputs, source, ...(signal && { signal }) });
}

interface StoredResources {
  readonly inputs: readonly Input[];
  /** At which position a record of the lines that were read last stood. */
  readonly positionOf: (id: string) => string | undefined;
}

const rowsAPage = 1000;

/** Records that are missing, or that their resource no longer has, stay as they are. */
function storedResources(
  store: LoadStore,
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
