/** What `keys` tells of the versions of a secret: state, age and last use; never a key. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { KeyVersion } from '../security/secrets/secret-source.js';

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

export interface LoggedUse {
  readonly scheme: string;
  readonly consumer: string;
  readonly keyVersion: string;
  readonly lastUsed: string;
}

/** @param file lines as the service writes them, or what `gcloud logging read --format=json` prints; `-` is stdin */
export async function readLoggedUses(file: string): Promise<readonly LoggedUse[]> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  return entriesOf(content).map(payloadOf).filter(isUse);
}

function entriesOf(content: string): readonly unknown[] {
  const whole = parsed(content);
  return Array.isArray(whole) ? whole : content.split('\n').map(parsed);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    // Lines of other programs stand between those of the service.
    return undefined;
  }
}

function payloadOf(entry: unknown): unknown {
  const wrapped = typeof entry === 'object' && entry !== null && 'jsonPayload' in entry;
  return wrapped ? entry.jsonPayload : entry;
}

function isUse(entry: unknown): entry is LoggedUse {
  if (typeof entry !== 'object' || entry === null) return false;
  const { message, scheme, consumer, keyVersion, lastUsed } = entry as Record<string, unknown>;
  const texts = [scheme, consumer, keyVersion, lastUsed];
  return message === 'key in use' && texts.every((fact) => typeof fact === 'string');
}
