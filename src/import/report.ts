/** The report of a load in words: an aligned table for people; `--json` prints the report itself. */
import type { ImportReport, Reject } from './import-report.js';
import type { MissingReport } from './missing.js';

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
