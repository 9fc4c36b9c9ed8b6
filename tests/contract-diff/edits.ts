// Edits of a contract as values: each takes a document and answers another.
import { type Json, type JsonObject, lookUp, unescaped } from '../../tools/contract/json.js';

export type Edit = (document: JsonObject) => JsonObject;

/** Puts a value at a pointer, in place of what stands there. */
export function set(pointer: string, value: Json): Edit {
  return (document) => changed(document, pointer, () => value);
}

export function drop(pointer: string): Edit {
  return (document) => changed(document, pointer, () => undefined);
}

export function rename(pointer: string, to: string): Edit {
  return (document) => {
    const value = lookUp(document, pointer) ?? null;
    return set(pointer.replace(/[^/]+$/, to), value)(drop(pointer)(document));
  };
}

export function append(pointer: string, value: Json): Edit {
  return edit(pointer, (list) => [...listOf(list), value]);
}

export function remove(pointer: string, value: Json): Edit {
  return edit(pointer, (list) =>
    listOf(list).filter((item) => JSON.stringify(item) !== JSON.stringify(value)),
  );
}

/** @throws Error when there is nothing at the pointer */
export function edit(pointer: string, change: (value: Json) => Json): Edit {
  return (document) =>
    changed(document, pointer, (value) => {
      if (value === undefined) throw new Error(`there is nothing at ${pointer}`);
      return change(value);
    });
}

/** The same properties in the opposite order. */
export function reverse(pointer: string): Edit {
  return edit(pointer, (value) =>
    Array.isArray(value)
      ? listOf(value).toReversed()
      : Object.fromEntries(Object.entries(value as JsonObject).toReversed()),
  );
}

export function applied(document: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce((current, change) => change(current), document);
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function changed(
  document: JsonObject,
  pointer: string,
  change: (value: Json | undefined) => Json | undefined,
): JsonObject {
  const copy = structuredClone(document);
  const steps = pointer.split('/').slice(1).map(unescaped);
  const last = steps.pop() ?? '';
  const parent = lookUp(copy, pointer.slice(0, pointer.lastIndexOf('/')));
  if (typeof parent !== 'object' || parent === null) throw new Error(`there is no ${pointer}`);
  // The copy is this function's own.
  const slots = parent as Record<string, Json>;
  const value = change(slots[last]);
  if (value !== undefined) slots[last] = value;
  else if (Array.isArray(parent)) (parent as Json[]).splice(Number(last), 1);
  else Reflect.deleteProperty(slots, last);
  return copy;
}
