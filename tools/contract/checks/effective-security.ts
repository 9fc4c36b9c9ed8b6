// What an operation asks for, whether it says so itself or the document does.
import { type Change, breaking } from '../change.js';
import { type Json, type JsonObject, isSame } from '../json.js';
import type { Pair } from '../pairs.js';

export function effectiveSecurity({
  kind,
  where,
  base,
  revision,
  documents,
}: Pair): readonly Change[] {
  if (kind !== 'operation') return [];
  const before = requirements(base, documents.base);
  const after = requirements(revision, documents.revision);
  if (isSame(before, after)) return [];
  const place = `${where}/security`;
  if (isOpen(after)) {
    return breaking(
      place,
      'Security was weakened: the operation opens without a key.',
      'operator',
      'Keep the key; what is public belongs into an operation of its own.',
    );
  }
  return breaking(
    place,
    isOpen(before)
      ? 'The operation asks for a key that it did not ask for.'
      : `The operation asks for ${JSON.stringify(after)} instead of ${JSON.stringify(before)}.`,
    'sender',
    'Add an operation with the new requirement beside it, and deprecate this one.',
  );
}

function requirements(operation: JsonObject, document: JsonObject): readonly Json[] {
  const stated = operation.security ?? document.security ?? [];
  // Any one of them is enough, so their order says nothing.
  const text = (one: Json) => JSON.stringify(one);
  return Array.isArray(stated)
    ? (stated as readonly Json[]).toSorted((one, other) => text(one).localeCompare(text(other)))
    : [];
}

/** One empty requirement among several lets everybody in. */
function isOpen(stated: readonly Json[]): boolean {
  return stated.length === 0 || stated.some((one) => isSame(one, {}));
}
