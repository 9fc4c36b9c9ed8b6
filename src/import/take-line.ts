/** What one line of an input becomes: records for the batches, and counts of the rest. */
import type { CollectionName } from '../contract/collections.js';
import { type StagedRecord, noCounts } from '../store/staged-record.js';
import type { Batches } from './batches.js';
import { mapResource } from './fhir/map-resource.js';
import type { MappedRecord, Mapping, MappingContext, Rejected } from './fhir/mapping.js';
import { recordId } from './fhir/reference.js';
import type { Reject, Tally } from './import-report.js';
import { type KnownLine, resourceDigest } from './known-lines.js';
import type { Line } from './line.js';
import { readJson } from './read-json.js';
import type { Sighter } from './missing.js';
import type { Staging } from './staging.js';
import type { Statistics } from './statistics.js';

export interface Taking {
  readonly context: MappingContext;
  readonly staging: Staging;
  readonly batches: Batches;
  readonly tally: Tally;
  readonly statistics: Statistics;
  readonly keepSource: boolean;
  readonly expectedOf: ((id: string) => string | undefined) | undefined;
  readonly onReject: ((reject: Reject, line: Line) => void) | undefined;
  /** Where what is not seen is to be marked missing. */
  readonly sighter: Sighter | undefined;
}

/** The collections whose batches the line filled, so that the caller has to flush them. */
export function takeLine(line: Line, file: string, taking: Taking): readonly CollectionName[] {
  const { context, tally, onReject } = taking;
  const refuse = (rejected: Rejected) => {
    tally.rejected(rejected.collection);
    onReject?.({ ...rejected, file, ...placeOf(line) }, line);
  };
  tally.line();
  const { mappings, id } = mappingsOf(line, context);
  const records: MappedRecord[] = [];
  let isPartial = false;
  for (const mapping of mappings) {
    switch (mapping.kind) {
      case 'skipped':
        tally.skipped(mapping.type);
        break;
      case 'rejected':
        if (mapping.collection !== undefined) tally.read(mapping.collection);
        isPartial = true;
        taking.sighter?.see(mapping.collection, id);
        refuse(mapping);
        break;
      case 'record':
        records.push(mapping);
        break;
    }
  }
  if (records.length === 0 || id === undefined) return [];
  return store({ records, id, isPartial, line }, taking, refuse);
}

/**
 * Counts a line that stands unchanged; what it becomes is not looked at again.
 * @returns whether it may be left out: not while another line of the same resource waits to be written
 */
export function takeKnown({ collection, type, id }: KnownLine, taking: Taking): boolean {
  const { batches, tally, sighter } = taking;
  if (batches.isPending(collection, id)) return false;
  tally.line();
  tally.read(collection);
  tally.written(collection, { ...noCounts, unchanged: 1 });
  sighter?.holds(collection, type);
  sighter?.see(collection, id);
  return true;
}

function placeOf(line: Line): Pick<Reject, 'line' | 'resource'> {
  return line.kind === 'text' && line.pointer !== undefined
    ? { line: line.number, resource: line.pointer }
    : { line: line.number };
}

interface Mapped {
  readonly records: readonly MappedRecord[];
  /** The id of the resource's own record. */
  readonly id: string;
  readonly isPartial: boolean;
  readonly line: Line;
}

function store(
  mapped: Mapped,
  taking: Taking,
  refuse: (rejected: Rejected) => void,
): readonly CollectionName[] {
  const { staging, batches, tally, statistics, sighter } = taking;
  const staged = new Map<CollectionName, StagedRecord[]>();
  let { isPartial } = mapped;
  let isFlawed = false;
  for (const record of mapped.records) {
    const { collection } = record;
    if (!staging.has(collection)) {
      tally.skipped(`${record.content.source_type} (${collection} are not served)`);
      continue;
    }
    tally.read(collection);
    sighter?.holds(collection, record.content.source_type);
    const fitted = staging.stage(record);
    if (fitted.kind === 'rejected') {
      isPartial = true;
      refuse(fitted);
      continue;
    }
    tally.defects(collection, fitted.defects);
    isFlawed ||= fitted.defects.length > 0;
    statistics.add(record);
    staged.set(collection, [...(staged.get(collection) ?? []), fitted.record]);
  }
  for (const collection of new Set(mapped.records.map((record) => record.collection))) {
    sighter?.see(collection, mapped.id);
  }
  const resource = taking.keepSource ? resourceText(mapped.line) : undefined;
  const digest = resource && resourceDigest(resource, isFlawed);
  return [...staged].flatMap(([collection, records]) => {
    const { expectedOf } = taking;
    const facts = { resource, digest, isPartial, id: mapped.id, expectedOf };
    const complete = records.map((record) => withFacts(record, facts));
    return batches.add({ collection, id: mapped.id, records: complete }) ? [collection] : [];
  });
}

interface Facts {
  readonly resource: string | undefined;
  readonly digest: string | undefined;
  readonly isPartial: boolean;
  readonly id: string;
  readonly expectedOf: Taking['expectedOf'];
}

/** Written out: what happens a million times is not spread. */
function withFacts(record: StagedRecord, facts: Facts): StagedRecord {
  const { resource, digest: resourceDigest, isPartial, id } = facts;
  const own = record.id === id;
  const expected = facts.expectedOf?.(record.id);
  if (
    resource === undefined ||
    resourceDigest === undefined ||
    isPartial ||
    !own ||
    expected !== undefined
  ) {
    return {
      ...record,
      ...(!own && { origin: id }),
      ...(isPartial && { isPartial }),
      ...(expected !== undefined && { expected }),
      ...(resource !== undefined && { resource }),
      ...(resourceDigest !== undefined && { resourceDigest }),
    };
  }
  const { patientId, recordState, content, sourceVersion } = record;
  return sourceVersion === undefined
    ? { id, patientId, recordState, content, resource, resourceDigest }
    : { id, patientId, recordState, content, sourceVersion, resource, resourceDigest };
}

/** A line feed in JSON text can only stand between its tokens. */
function resourceText(line: Line): string | undefined {
  if (line.kind !== 'text') return undefined;
  return line.text.includes('\n') ? line.text.replaceAll('\n', ' ') : line.text;
}

function mappingsOf(line: Line, context: MappingContext) {
  if (line.kind === 'unreadable') {
    const { rule, reason } = line;
    return { id: undefined, mappings: [{ kind: 'rejected', pointer: '', rule, reason } as const] };
  }
  try {
    return mapText(line.text, context);
  } catch (error) {
    // The parsers' own messages quote the text, which is a patient's.
    const reason = error instanceof RangeError ? 'must be less deeply nested' : 'must be JSON';
    return {
      id: undefined,
      mappings: [{ kind: 'rejected', pointer: '', rule: 'json', reason } as const],
    };
  }
}

/** Also for resources that were kept, when they are read anew. */
export function mapText(
  text: string,
  context: MappingContext,
): { readonly id: string | undefined; readonly mappings: readonly Mapping[] } {
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
