// Compares two versions of the contract: every change, judged, from `redocly diff` and the project's own checks.
import type { Change } from './change.js';
import { type JsonObject, followed, lookUp } from './json.js';
import { normalised } from './normalise.js';
import { ownChanges } from './own-changes.js';
import { redoclyChanges } from './redocly-changes.js';

interface Comparison {
  readonly base: JsonObject;
  readonly revision: JsonObject;
  /** As YYYY-MM-DD. */
  readonly today: string;
}

/** Breaking changes first. Where both have something to say of a place, the own check's word counts. */
export async function compare({ base, revision, today }: Comparison): Promise<readonly Change[]> {
  const documents = { base: normalised(base), revision: normalised(revision) };
  const own = ownChanges(documents, today);
  const places = new Set(own.map(({ where }) => where));
  const others = await redoclyChanges(documents);
  return [...own, ...others.filter(({ where }) => !places.has(where))]
    .map((change) => ({ ...change, where: named(documents.revision, change.where) }))
    .sort((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict));
}

/** A parameter by its name rather than by its place in the list. */
function named(document: JsonObject, where: string): string {
  return where.replace(/^#\/paths\/[^/]+\/[a-z]+\/parameters\/\d+/, (pointer) => {
    const { name } = followed(document, lookUp(document, pointer));
    return typeof name === 'string' ? pointer.replace(/\d+$/, name) : pointer;
  });
}

const order = ['breaking', 'compatible', 'wording'];
