/** What one line of an input is: its resource, mapped, or why it cannot be read. */
import { mapResource } from './fhir/map-resource.js';
import type { Mapping, MappingContext } from './fhir/mapping.js';
import { recordId } from './fhir/reference.js';
import type { Line } from './line.js';
import { readJson } from './read-json.js';

interface MappedText {
  /** The id of the resource's own record, where it has an id. */
  readonly id: string | undefined;
  readonly mappings: readonly Mapping[];
}

export function mapLine(line: Line, context: MappingContext): MappedText {
  if (line.kind === 'unreadable') {
    const { rule, reason } = line;
    return { id: undefined, mappings: [{ kind: 'rejected', pointer: '', rule, reason }] };
  }
  try {
    return mapText(line.text, context);
  } catch (error) {
    // The parsers' own messages quote the text, which is a patient's.
    const reason = error instanceof RangeError ? 'must be less deeply nested' : 'must be JSON';
    return { id: undefined, mappings: [{ kind: 'rejected', pointer: '', rule: 'json', reason }] };
  }
}

/** Also for resources that were kept, when they are read anew. */
export function mapText(text: string, context: MappingContext): MappedText {
  const resource = readJson(text);
  const { resourceType, id } = (resource ?? {}) as Readonly<Record<string, unknown>>;
  return {
    id:
      typeof resourceType === 'string' && typeof id === 'string' && id !== ''
        ? recordId(context.source, resourceType, id)
        : undefined,
    mappings: mapResource(resource, context),
  };
}
