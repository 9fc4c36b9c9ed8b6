/** What `keys` tells of the versions of a secret: state, age and last use; never a key. */
import type { KeyVersion } from '../security/key-versions.js';
import type { LoggedUse } from './key-log.js';

export interface KeyReportFacts {
  readonly versions: readonly KeyVersion[];
  /** Of this scheme and consumer; nothing where no log was given. */
  readonly uses: readonly LoggedUse[] | undefined;
  readonly nowMs: number;
}

export function reportOf({ versions, uses, nowMs }: KeyReportFacts): string {
  const rows = versions.map((version) => [
    version.version,
    version.state,
    ageOf(nowMs - version.createdMs),
    lastUseOf(version, uses, nowMs),
  ]);
  const table = [['version', 'state', 'age', 'last used'], ...rows];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `3 h ago`, `not since it was made`, or that no log was given. */
export function lastUseOf(
  { version, createdMs }: KeyVersion,
  uses: readonly LoggedUse[] | undefined,
  nowMs: number,
): string {
  if (uses === undefined) return 'unknown without --log';
  const times = uses
    .filter(({ keyVersion }) => keyVersion === version)
    .map(({ lastUsed }) => Date.parse(lastUsed))
    // A file's `previous` was another key before.
    .filter((time) => time >= createdMs);
  return times.length === 0 ? 'not in this log' : `${ageOf(nowMs - Math.max(...times))} ago`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

function ageOf(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms >= size) ?? (['s', 1000] as const);
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}
