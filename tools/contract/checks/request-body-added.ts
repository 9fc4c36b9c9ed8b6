// A request body that senders must have from now on.
import { type Change, breaking } from '../change.js';
import { followed } from '../json.js';
import type { Pair } from '../pairs.js';

export function requestBodyAdded({
  kind,
  where,
  base,
  revision,
  documents,
}: Pair): readonly Change[] {
  if (kind !== 'operation' || base.requestBody !== undefined) return [];
  if (followed(documents.revision, revision.requestBody).required !== true) return [];
  return breaking(
    `${where}/requestBody`,
    'A required request body was added.',
    'sender',
    'Make the body optional, or add an operation that takes it.',
  );
}
