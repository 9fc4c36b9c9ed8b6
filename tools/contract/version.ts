// Semantic versions, and the one that a set of changes asks for.
import type { Change } from './change.js';
import { type JsonObject, objectOf, wordOf } from './json.js';

export type Version = readonly [major: number, minor: number, patch: number];

/** @throws Error when `info.version` is not three numbers */
export function versionOf(document: JsonObject): Version {
  const text = wordOf(objectOf(document.info).version);
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
  const [major, minor, patch] = parts;
  if (major === undefined || minor === undefined || patch === undefined) {
    throw new Error(`info.version is ${text}; it has to be three numbers, such as 1.2.0`);
  }
  return [major, minor, patch];
}

/** The lowest version that such changes may have. */
export function neededVersion(
  [major, minor, patch]: Version,
  changes: readonly Pick<Change, 'verdict'>[],
): Version {
  const verdicts = new Set(changes.map(({ verdict }) => verdict));
  if (verdicts.has('breaking')) return [major + 1, 0, 0];
  if (verdicts.has('compatible')) return [major, minor + 1, 0];
  return verdicts.has('wording') ? [major, minor, patch + 1] : [major, minor, patch];
}

export function isAtLeast(version: Version, needed: Version): boolean {
  const index = version.findIndex((part, place) => part !== needed[place]);
  return index === -1 || (version[index] ?? 0) > (needed[index] ?? 0);
}

export function versionText(version: Version): string {
  return version.join('.');
}
