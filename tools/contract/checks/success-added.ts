// Another success: a reader that knows 200 alone takes it for a failure, or its body for a whole page.
import { type Change, breaking } from '../change.js';
import { type Json, followed, objectOf } from '../json.js';
import type { Pair } from '../pairs.js';

/** Refusals may come: what does not know one treats it by its class (RFC 9110 section 15). */
export function successAdded({ kind, where, base, revision, documents }: Pair): readonly Change[] {
  if (kind !== 'operation') return [];
  const before = objectOf(base.responses);
  const parameters = listOf(revision.parameters).map((one) => followed(documents.revision, one));
  // Only whoever sends the condition gets 304 (RFC 9110 section 15.4.5).
  const isAskedFor = (status: string) =>
    status === '304' && parameters.some(({ name }) => name === 'If-None-Match');
  return Object.keys(objectOf(revision.responses))
    .filter((status) => /^[23]/.test(status) && !(status in before) && !isAskedFor(status))
    .flatMap((status) =>
      breaking(
        `${where}/responses/${status}`,
        `The operation may succeed with ${status}, which nobody expects.`,
        'reader',
        'Answer so only to requests that ask for it by a new parameter, in an operation of its own.',
      ),
    );
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
