/** What changes in a record, field by field. */
import type { Change } from '../store/compare.js';

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Empty for a new record. */
export function fieldChanges({ stored, content, state }: Change): readonly FieldChange[] {
  if (stored === undefined) return [];
  const before = fieldsOf(stored);
  const after = fieldsOf({ content, state });
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

function fieldsOf({ content, state }: { readonly content: string; readonly state: string }) {
  // The store holds objects only.
  const fields = JSON.parse(content) as Readonly<Record<string, unknown>>;
  return { ...fields, record_state: state } as Readonly<Record<string, unknown>>;
}

/** Lines for people; ids and values are a patient's, so they are told only when asked for. */
export function changeText(collection: string, change: Change, showValues: boolean): string {
  const subject = showValues ? `${collection} ${change.id}` : collection;
  if (change.stored === undefined) {
    return `would create ${subject}${showValues ? ` ${change.content}` : ''}\n`;
  }
  const fields = fieldChanges(change).map(({ field, before, after }) =>
    showValues
      ? `  ${field}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}\n`
      : `  ${field}\n`,
  );
  return `would update ${subject}\n${fields.join('')}`;
}
