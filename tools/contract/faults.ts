// What keeps a revision from being published: its version, or something that was promised to stay.
import type { Change } from './change.js';
import type { JsonObject } from './json.js';
import { isAtLeast, neededVersion, versionOf, versionText } from './version.js';

export function faultsOf(
  base: JsonObject,
  revision: JsonObject,
  changes: readonly Change[],
): readonly string[] {
  const version = versionOf(revision);
  const needed = neededVersion(versionOf(base), changes);
  const low = isAtLeast(version, needed)
    ? []
    : [`info.version is ${versionText(version)}; these changes need ${versionText(needed)}.`];
  const forbidden = changes.filter((change) => change.forbidden === true);
  return [...low, ...forbidden.map(({ where, change }) => `${where}: ${change}`)];
}
