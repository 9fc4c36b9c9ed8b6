/** What one line of an input becomes: records and facts for the batches, and counts of what is skipped, rejected or left out. */
import type { CollectionName } from '../contract/collections.js';
import type { Batches } from './batches.js';
import { recordId } from '../contract/record-id.js';
import { mapResource } from './fhir/map-resource.js';
import type {
  MappedFact,
  MappedRecord,
  Mapping,
  MappingContext,
  Rejected,
} from './fhir/mapping.js';
import type { Reject, Tally } from './import-report.js';
import { type KnownLine, resourceDigest } from './known-lines.js';
import type { SeenTracker } from './seen-tracker.js';
import { type Line, readJson } from './read/lines.js';
import type { RecordValidator } from './validate-record.js';
import type { Statistics } from './unusual.js';
import { noCounts, type StagedFact, type StagedRecord } from './write/staged-record.js';

export interface IngestContext {
  readonly context: MappingContext;
  readonly validator: RecordValidator;
  readonly batches: Batches;
  readonly tally: Tally;
  readonly statistics: Statistics;
  readonly keepSource: boolean;
  readonly expectedOf: ((id: string) => string | undefined) | undefined;
  readonly onReject: ((reject: Reject, line: Line) => void) | undefined;
  /** Present when records that the inputs no longer hold are to be marked missing. */
  readonly seenTracker: SeenTracker | undefined;
}

/** The collections whose batches the line filled, so that the caller has to flush them. */
export function processLine(
  line: Line,
  file: string,
  ingest: IngestContext,
): readonly CollectionName[] {
  const { context, tally, onReject } = ingest;
  const refuse = (rejected: Rejected) => {
    tally.rejected(rejected.collection);
    onReject?.({ ...rejected, file, ...placeOf(line) }, line);
  };
  tally.line();
  const { mappings, id } = mapLine(line, context);
  const records: MappedRecord[] = [];
  let fact: MappedFact | undefined;
  let isPartial = false;
  for (const mapping of mappings) {
    switch (mapping.kind) {
      case 'skipped':
        tally.skipped(mapping.type);
        break;
      case 'rejected':
        if (mapping.collection !== undefined) tally.read(mapping.collection);
        isPartial = true;
        ingest.seenTracker?.add(mapping.collection, id);
        refuse(mapping);
        break;
      case 'record':
        records.push(mapping);
        break;
      case 'fact':
        fact = mapping;
        if (mapping.endsOlder === true) ingest.seenTracker?.add(mapping.collection, id);
        break;
    }
  }
  isPartial &&= fact?.endsOlder !== true;
  if (id === undefined || (records.length === 0 && fact === undefined)) return [];
  return addToBatch({ records, fact, id, isPartial, line }, ingest, refuse);
}

/**
 * Counts a line whose record is unchanged, without mapping it again.
 * @returns whether it may be left out: not while another line of the same resource waits to be written
 */
export function countKnownLine(
  { collection, type, id }: KnownLine,
  ingest: IngestContext,
): boolean {
  const { batches, tally, seenTracker } = ingest;
  if (batches.isPending(collection, id)) return false;
  tally.line();
  tally.read(collection);
  tally.written(collection, { ...noCounts, unchanged: 1 });
  seenTracker?.addType(collection, type);
  seenTracker?.add(collection, id);
  return true;
}

function placeOf(line: Line): Pick<Reject, 'line' | 'resource'> {
  return line.kind === 'text' && line.pointer !== undefined
    ? { line: line.number, resource: line.pointer }
    : { line: line.number };
}

interface Mapped {
  readonly records: readonly MappedRecord[];
  readonly fact: MappedFact | undefined;
  /** The id of the resource's own record. */
  readonly id: string;
  readonly isPartial: boolean;
  readonly line: Line;
}

/** All that a resource becomes is of one collection. */
function addToBatch(
  mapped: Mapped,
  ingest: IngestContext,
  refuse: (rejected: Rejected) => void,
): readonly CollectionName[] {
  const { id, fact, line, records } = mapped;
  const { batches, keepSource, expectedOf, seenTracker, validator, tally } = ingest;
  const collection = records[0]?.collection ?? fact?.collection;
  if (collection === undefined) return [];
  if (records.length > 0) seenTracker?.add(collection, id);
  if (!validator.has(collection)) {
    for (const { content } of records) {
      tally.skipped(`${content.source_type} (${collection} are not served)`);
    }
    return [];
  }
  const valid = validateAll(records, ingest, refuse);
  const isPartial = mapped.isPartial || valid.isPartial;
  const staged = fact && stagedFact(fact, isPartial);
  if (valid.records.length === 0 && staged === undefined) return [];
  const resource = keepSource ? resourceText(line) : undefined;
  const digest = resource && resourceDigest(resource, valid.isFlawed);
  const provenance = { resource, digest, isPartial, id, expectedOf };
  const withSource = valid.records.map((record) => withProvenance(record, provenance));
  return batches.add({ collection, id, records: withSource, fact: staged }) ? [collection] : [];
}

interface ValidRecords {
  readonly records: readonly StagedRecord[];
  /** One was refused. */
  readonly isPartial: boolean;
  /** Something was left out of one. */
  readonly isFlawed: boolean;
}

function validateAll(
  mapped: readonly MappedRecord[],
  { validator, tally, statistics, seenTracker }: IngestContext,
  refuse: (rejected: Rejected) => void,
): ValidRecords {
  const records: StagedRecord[] = [];
  let isPartial = false;
  let isFlawed = false;
  for (const record of mapped) {
    const { collection } = record;
    tally.read(collection);
    seenTracker?.addType(collection, record.content.source_type);
    const validated = validator.validate(record);
    if (validated.kind === 'rejected') {
      isPartial = true;
      refuse(validated);
      continue;
    }
    if (validated.defects.length > 0) {
      isFlawed = true;
      tally.defects(collection, validated.defects);
    }
    statistics.add(record);
    records.push(validated.record);
  }
  return { records, isPartial, isFlawed };
}

function stagedFact(fact: MappedFact, isPartial: boolean): StagedFact {
  const { id, patientId, sourceVersion, about, fields } = fact;
  return {
    ...{ id, about, fields: JSON.stringify(fields) },
    ...(patientId !== undefined && { patientId }),
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(isPartial && { isPartial }),
  };
}

/** Where a record comes from: the resource that it was made from. */
interface Provenance {
  readonly resource: string | undefined;
  readonly digest: string | undefined;
  /** Other records of the resource were refused. */
  readonly isPartial: boolean;
  /** Of the resource's own record. */
  readonly id: string;
  readonly expectedOf: ((id: string) => string | undefined) | undefined;
}

/** Written out without spreads, because it runs for every line of a load. */
function withProvenance(record: StagedRecord, provenance: Provenance): StagedRecord {
  const { resource, digest: resourceDigest, isPartial, id } = provenance;
  const own = record.id === id;
  const expected = provenance.expectedOf?.(record.id);
  if (
    resource === undefined ||
    resourceDigest === undefined ||
    isPartial ||
    !own ||
    expected !== undefined ||
    record.refersTo !== undefined
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

/** A line feed in JSON text can only be between its tokens. */
function resourceText(line: Line): string | undefined {
  if (line.kind !== 'text') return undefined;
  return line.text.includes('\n') ? line.text.replaceAll('\n', ' ') : line.text;
}

interface MappedText {
  /** The id of the resource's own record, where it has an id. */
  readonly id: string | undefined;
  readonly mappings: readonly Mapping[];
}

function mapLine(line: Line, context: MappingContext): MappedText {
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
