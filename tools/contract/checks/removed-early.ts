// What was announced to stay until a day, and is gone before it.
import type { Change } from '../change.js';
import { type Json, type JsonObject, isObject, lookUp } from '../json.js';
import type { Documents } from '../pairs.js';
import { isDay } from './deprecation.js';

/** @param today as YYYY-MM-DD */
export function removedEarly({ base, revision }: Documents, today: string): readonly Change[] {
  return announced(base, '#')
    .filter(({ sunset, where, value }) => sunset > today && !isThere(revision, where, value))
    .map(({ sunset, where }) => ({
      change: `It was removed although it was announced to stay until ${sunset}.`,
      where,
      verdict: 'breaking' as const,
      breaks: 'reader' as const,
      instead: `Put it back; it may go after ${sunset}, in a major version.`,
      forbidden: true as const,
    }));
}

interface Announced {
  readonly where: string;
  readonly value: JsonObject;
  readonly sunset: string;
}

function announced(node: Json, where: string): readonly Announced[] {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.entries(node).flatMap(([key, value]: [string, Json]) =>
    announced(value, `${where}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
  if (!isObject(node) || node.deprecated !== true) return below;
  const sunset = node['x-sunset'];
  return isDay(sunset) ? [{ where, value: node, sunset }, ...below] : below;
}

/** Parameters stand in a list, where others may have moved up. */
function isThere(revision: JsonObject, where: string, value: JsonObject): boolean {
  const index = /^(.*\/parameters)\/\d+$/.exec(where)?.[1];
  if (index === undefined) return lookUp(revision, where) !== undefined;
  const list = lookUp(revision, index);
  return (
    Array.isArray(list) &&
    (list as readonly Json[]).some(
      (item) => isObject(item) && item.name === value.name && item.in === value.in,
    )
  );
}
