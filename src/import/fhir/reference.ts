/** Which record a FHIR reference means. */
import type { Reference } from 'fhir/r4.js';
import { textOrNull } from './text.js';

export interface Target {
  readonly type: string;
  readonly id: string;
}

const literal = /^(?:.*\/)?(?<type>[A-Z][A-Za-z]*)\/(?<id>[^/?#|\s]+)(?:\/_history\/[^/?#\s]+)?$/;
const urn = /^urn:(?:uuid|oid):(?<id>\S+)$/;

/**
 * Reads `Patient/1`, an absolute URL that ends so, either with `/_history/…`, and `urn:uuid:…`.
 * Undefined for a contained, a conditional and an identifier-only reference: they name no record by its id.
 * @param expected the type that a `urn:` means where the reference does not say
 * @see FHIR R4 references.html
 */
export function targetOf(reference: Reference | undefined, expected: string): Target | undefined {
  const written = reference?.reference;
  if (written === undefined) return undefined;
  const id = written.startsWith('urn:') ? urn.exec(written)?.groups?.id : undefined;
  if (id !== undefined) return { type: reference?.type ?? expected, id };
  const groups = literal.exec(written)?.groups;
  return groups?.type === undefined || groups.id === undefined
    ? undefined
    : { type: groups.type, id: groups.id };
}

export function recordId(source: string, type: string, id: string): string {
  return `${source}:${type}:${id}`;
}

/**
 * The record id that a reference to a resource of this type means; null when there is none.
 * A reference that cannot be resolved is given back as written, so that the contract's check counts it.
 */
export function referencedId(
  reference: Reference | undefined,
  type: string,
  source: string,
): string | null {
  const target = targetOf(reference, type);
  if (target === undefined) return reference?.reference ?? null;
  return target.type === type ? recordId(source, type, target.id) : null;
}

/** How the source itself calls what it refers to. */
export function displayOf(reference: Reference | undefined): string | null {
  return textOrNull(reference?.display);
}
