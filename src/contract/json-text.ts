/** JSON text of the values that records hold, in the shortest way: a load writes millions of them. */

// All but what stands for itself: controls, the quotation mark, the backslash, and surrogates, since half a pair is escaped.
const escaped = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** What `JSON.stringify` gives for any value that JSON has; null for one that is not there. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return escaped.test(value) ? JSON.stringify(value) : `"${value}"`;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (value === null || value === undefined) return 'null';
  return JSON.stringify(value);
}
