/** What is left of a record whose resource no longer has it. */
import type { CollectionName, ContentOf } from '../contract/collections.js';

// As of a result that was entered in error: which test it was stays, what was measured goes.
export const withoutResult = {
  value_number: null,
  value_comparator: null,
  value_limit: null,
  value_text: null,
  value_code: null,
  value_system: null,
  unit: null,
  unit_code: null,
  absent_reason: null,
  interpretation_codes: [],
  note: null,
} satisfies Partial<ContentOf<'lab_results'>>;

/** JSON text of a content in, JSON text of the same fields in the same order out. */
export function retractedContent(collection: CollectionName): (content: string) => string {
  if (collection !== 'lab_results') return (content) => content;
  return (content) =>
    JSON.stringify({ ...(JSON.parse(content) as ContentOf<'lab_results'>), ...withoutResult });
}
