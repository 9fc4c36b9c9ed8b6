/** Derives stored records anew from the resources that were kept of them. */
import type { CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import type { Change } from '../store/compare.js';
import type { Store } from '../store/store.js';
import { createDryRun } from './dry-run.js';
import { fieldChanges } from './field-changes.js';
import type { ImportReport } from './import-report.js';
import { createImporter } from './importer.js';
import { storedResources } from './stored-resources.js';

export interface RemapOptions {
  readonly store: Store;
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
