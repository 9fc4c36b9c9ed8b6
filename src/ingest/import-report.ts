/** What a load did, counted: no values, no ids. */
import type { CollectionName } from '../contract/collections.js';
import { perhapsLaboratory } from './fhir/laboratory.js';
import type { Defect, Rejected } from './fhir/mapping.js';
import type { MissingReport } from './seen-tracker.js';
import type { LoadedFile } from './write/load-store.js';
import { noCounts, type WriteCounts } from './write/staged-record.js';

interface CollectionCounts extends WriteCounts {
  /** Records read from the input, including the rejected ones. */
  readonly read: number;
  readonly rejected: number;
}

/** A part that was left out of records which are otherwise good. */
interface DefectCount extends Defect {
  readonly collection: CollectionName;
  readonly count: number;
}

/** A line, or a part of it, that is not stored; never with a value of it. */
export interface Reject extends Rejected {
  readonly file: string;
  readonly line: number;
  /** JSON pointer to the resource, where the line or document has several. */
  readonly resource?: string;
}

export interface ImportReport {
  readonly source: string;
  readonly files: readonly LoadedFile[];
  readonly lines: number;
  readonly collections: Readonly<Record<string, CollectionCounts>>;
  /** How many resources of each type have no collection. */
  readonly skipped: Readonly<Record<string, number>>;
  /** All that were rejected, lines that are no resource of a collection among them. */
  readonly rejected: number;
  readonly defects: readonly DefectCount[];
  /** Present when the inputs were declared complete. */
  readonly missing?: MissingReport;
  /** How the load differs from those of the same source before it. */
  readonly warnings: readonly string[];
}

/** What is known of the whole load besides its counts. */
type Findings = Pick<ImportReport, 'source' | 'files' | 'missing' | 'warnings'>;

type Mutable<Counts> = { -readonly [Name in keyof Counts]: Counts[Name] };

export interface Tally {
  line(): void;
  read(collection: CollectionName): void;
  skipped(type: string): void;
  rejected(collection: CollectionName | undefined): void;
  defects(collection: CollectionName, defects: readonly Defect[]): void;
  written(collection: CollectionName, counts: WriteCounts): void;
  /** Records that were not written, because the batch has a newer version. */
  overtaken: (collection: CollectionName, records: number) => void;
  /** One count of each collection. */
  counts(field: keyof CollectionCounts): Readonly<Record<string, number>>;
  report(findings: Findings): ImportReport;
}

export function createTally(names: readonly CollectionName[]): Tally {
  const collections = new Map<CollectionName, Mutable<CollectionCounts>>(
    names.map((name) => [name, { read: 0, ...noCounts, rejected: 0 }]),
  );
  const skipped = new Map<string, number>();
  const defects = createDefectTally();
  let lines = 0;
  let rejected = 0;

  function count(collection: CollectionName, field: keyof CollectionCounts, by = 1): void {
    const counts = collections.get(collection);
    if (counts !== undefined) counts[field] += by;
  }

  return {
    line: () => void (lines += 1),
    read: (collection) => {
      count(collection, 'read');
    },
    skipped: (type) => void skipped.set(type, (skipped.get(type) ?? 0) + 1),
    rejected(collection) {
      rejected += 1;
      if (collection !== undefined) count(collection, 'rejected');
    },
    defects: defects.add,
    written(collection, counts) {
      for (const field of writeFields) count(collection, field, counts[field]);
    },
    overtaken: (collection, records) => {
      count(collection, 'older', records);
    },
    counts: (field) =>
      Object.fromEntries([...collections].map(([name, counts]) => [name, counts[field]])),
    report: (findings) => ({
      ...{ ...findings, lines, rejected },
      collections: Object.fromEntries(collections),
      skipped: Object.fromEntries([...skipped].sort()),
      defects: defects.counts(),
    }),
  };
}

const writeFields = ['created', 'updated', 'unchanged', 'older'] as const;

function createDefectTally() {
  const tally = new Map<string, Mutable<DefectCount>>();
  return {
    add: (collection: CollectionName, defects: readonly Defect[]): void => {
      for (const { field, rule } of defects) {
        const key = [collection, field, rule].join('\n');
        const known = tally.get(key);
        if (known === undefined) tally.set(key, { collection, field, rule, count: 1 });
        else known.count += 1;
      }
    },
    counts: (): readonly DefectCount[] => [...tally.values()],
  };
}

const columns = ['read', 'created', 'updated', 'unchanged', 'older', 'rejected'] as const;

/** A table of the collections; below it what was skipped, rejected without a collection, or left out. */
export function reportText(report: ImportReport): string {
  const rows = Object.entries(report.collections).map(([name, counts]) => [
    name,
    ...columns.map((column) => String(counts[column])),
  ]);
  return [...table([['', ...columns], ...rows]), ...remarks(report)]
    .map((line) => `${line}\n`)
    .join('');
}

/** `patients.ndjson:12: /subject must refer to a Patient by its id` */
export function rejectText({ file, line, resource = '', ...rejected }: Reject): string {
  const { pointer, rule, reason } = rejected;
  return `${file}:${line}${resource}: ${pointer === '' ? '' : `${pointer} `}${reason} (${rule})`;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => (row[index] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return index === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}

function remarks(report: ImportReport): readonly string[] {
  const { collections, rejected, skipped, defects, missing, warnings } = report;
  const inCollections = Object.values(collections).reduce(
    (sum, counts) => sum + counts.rejected,
    0,
  );
  const others = rejected - inCollections;
  return [
    ...Object.entries(skipped).map(([type, count]) => `skipped: ${count} ${type}`),
    ...(others === 0 ? [] : [`rejected: ${others} that are no resource of a collection`]),
    ...defects.map(
      ({ collection, field, rule, count }) => `left out: ${count} ${collection} ${field} (${rule})`,
    ),
    ...(missing === undefined ? [] : missingRemarks(missing)),
    ...warnings.map((warning) => `unusual: ${warning}`),
  ];
}

function missingRemarks({ kinds, refused }: MissingReport): readonly string[] {
  if (refused !== undefined) return [`marked missing: none, because ${refused.reason}`];
  return kinds.map(({ type, missing, of }) => `marked missing: ${missing} of ${of} ${type}`);
}

const tolerated = 0.01;

/** True when more than 1% of the Observations that are or may be the laboratory's have no known category. */
export function isLaboratoryMissed({ skipped, collections }: ImportReport): boolean {
  const missed = skipped[perhapsLaboratory] ?? 0;
  const read = collections.lab_results?.read ?? 0;
  return missed > (missed + read) * tolerated;
}
