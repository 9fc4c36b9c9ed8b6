// What was announced to stay until a day, and is gone before it.
import type { Change } from '../change.js';
import { type Json, type JsonObject, escaped, followed, objectOf } from '../json.js';
import { type Documents, isSamePath } from '../pairs.js';
import { isDay } from './deprecation.js';

/**
 * Goes along the paths rather than through the components: a component that nothing uses any more does not hide a
 * removal, and one that was written out in place does not look like one.
 * @param today as YYYY-MM-DD
 */
export function removedEarly(documents: Documents, today: string): readonly Change[] {
  const { base, revision } = documents;
  const root = { where: '#/paths', home: '#/paths', refs: [] };
  const found = lost(documents, { ...root, base: base.paths, revision: revision.paths });
  const early = found.filter(({ sunset }) => sunset > today);
  return [...new Map(early.map((one) => [one.home, one])).values()].map(({ sunset, where }) => ({
    change: `It was removed although it was announced to stay until ${sunset}.`,
    where,
    verdict: 'breaking',
    breaks: 'reader',
    instead: `Put it back; it may go after ${sunset}, in a major version.`,
    forbidden: true,
  }));
}

interface Lost {
  readonly where: string;
  /** Where it is written: what several operations share is said once. */
  readonly home: string;
  readonly sunset: string;
}

interface Step {
  readonly where: string;
  readonly home: string;
  readonly base: Json | undefined;
  readonly revision: Json | undefined;
  /** References that were followed on the way, against circles. */
  readonly refs: readonly string[];
}

function lost(documents: Documents, step: Step): readonly Lost[] {
  if (typeof step.base !== 'object' || step.base === null) return [];
  const { $ref } = objectOf(step.base);
  const isReference = typeof $ref === 'string';
  if (isReference && step.refs.includes($ref)) return [];
  const refs = isReference ? [...step.refs, $ref] : step.refs;
  const home = isReference ? $ref : step.home;
  const node = Array.isArray(step.base) ? step.base : followed(documents.base, step.base);
  const below = Object.entries(node)
    .filter(([key]) => key !== 'example' && key !== 'examples')
    .flatMap(([key, base]: [string, Json]) =>
      lost(documents, {
        where: `${step.where}/${escaped(key)}`,
        home: `${home}/${key}`,
        base,
        revision: partner(documents, { key, base, among: step.revision }),
        refs,
      }),
    );
  const { deprecated, 'x-sunset': sunset } = objectOf(node);
  if (deprecated !== true || !isDay(sunset) || step.revision !== undefined) return below;
  return [{ where: step.where, home, sunset }, ...below];
}

/** Parameters stand in a list, where others may have moved up; a path is the same whatever its parameters are called. */
function partner(
  documents: Documents,
  { key, base, among }: { key: string; base: Json; among: Json | undefined },
): Json | undefined {
  if (!Array.isArray(among)) {
    const node: JsonObject = followed(documents.revision, among);
    return node[key] ?? node[Object.keys(node).find((other) => isSamePath(other, key)) ?? key];
  }
  const items = among as readonly Json[];
  const { name, in: place } = followed(documents.base, base);
  if (name === undefined) return items[Number(key)];
  return items.find((item) => {
    const other = followed(documents.revision, item);
    return other.name === name && other.in === place;
  });
}
