/** What one line of an input becomes: records for the batches, and counts of the rest. */
import type { CollectionName } from '../contract/collections.js';
import type { Batches } from './batches.js';
import { mapResource } from './fhir/map-resource.js';
import type {
  MappedFact,
  MappedRecord,
  Mapping,
  MappingContext,
  Rejected,
} from './fhir/mapping.js';
import { recordId } from './fhir/reference.js';
import type { Reject, Tally } from './import-report.js';
import { type KnownLine, resourceDigest } from './known-lines.js';
import type { Sighter } from './missing.js';
import { type Line, readJson } from './read/line.js';
import type { Staging } from './staging.js';
import type { Statistics } from './unusual.js';
import { noCounts, type StagedFact, type StagedRecord } from './write/staged-record.js';

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
        taking.sighter?.see(mapping.collection, id);
        refuse(mapping);
        break;
      case 'record':
        records.push(mapping);
        break;
      case 'fact':
        fact = mapping;
        if (mapping.endsOlder === true) taking.sighter?.see(mapping.collection, id);
        break;
    }
  }
  isPartial &&= fact?.endsOlder !== true;
  if (id === undefined || (records.length === 0 && fact === undefined)) return [];
  return store({ records, fact, id, isPartial, line }, taking, refuse);
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
  readonly fact: MappedFact | undefined;
  /** The id of the resource's own record. */
  readonly id: string;
  readonly isPartial: boolean;
  readonly line: Line;
}

/** All that a resource becomes is of one collection. */
function store(
  mapped: Mapped,
  taking: Taking,
  refuse: (rejected: Rejected) => void,
): readonly CollectionName[] {
  const { id, fact, line, records } = mapped;
  const { batches, keepSource, expectedOf, sighter, staging, tally } = taking;
  const collection = records[0]?.collection ?? fact?.collection;
  if (collection === undefined) return [];
  if (records.length > 0) sighter?.see(collection, id);
  if (!staging.has(collection)) {
    for (const { content } of records) {
      tally.skipped(`${content.source_type} (${collection} are not served)`);
    }
    return [];
  }
  const staged = stageAll(records, taking, refuse);
  const isPartial = mapped.isPartial || staged.isPartial;
  const said = fact && stagedFact(fact, isPartial);
  if (staged.records.length === 0 && said === undefined) return [];
  const resource = keepSource ? resourceText(line) : undefined;
  const digest = resource && resourceDigest(resource, staged.isFlawed);
  const making = { resource, digest, isPartial, id, expectedOf };
  const complete = staged.records.map((record) => withMaking(record, making));
  return batches.add({ collection, id, records: complete, fact: said }) ? [collection] : [];
}

interface AllStaged {
  readonly records: readonly StagedRecord[];
  /** One was refused. */
  readonly isPartial: boolean;
  /** Something was left out of one. */
  readonly isFlawed: boolean;
}

function stageAll(
  mapped: readonly MappedRecord[],
  { staging, tally, statistics, sighter }: Taking,
  refuse: (rejected: Rejected) => void,
): AllStaged {
  const records: StagedRecord[] = [];
  let isPartial = false;
  let isFlawed = false;
  for (const record of mapped) {
    const { collection } = record;
    tally.read(collection);
    sighter?.holds(collection, record.content.source_type);
    const fitted = staging.stage(record);
    if (fitted.kind === 'rejected') {
      isPartial = true;
      refuse(fitted);
      continue;
    }
    if (fitted.defects.length > 0) {
      isFlawed = true;
      tally.defects(collection, fitted.defects);
    }
    statistics.add(record);
    records.push(fitted.record);
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

/** What a record knows of the resource that it is made from. */
interface Making {
  readonly resource: string | undefined;
  readonly digest: string | undefined;
  /** Other records of the resource were refused. */
  readonly isPartial: boolean;
  /** Of the resource's own record. */
  readonly id: string;
  readonly expectedOf: ((id: string) => string | undefined) | undefined;
}

/** Written out: what happens a million times is not spread. */
function withMaking(record: StagedRecord, making: Making): StagedRecord {
  const { resource, digest: resourceDigest, isPartial, id } = making;
  const own = record.id === id;
  const expected = making.expectedOf?.(record.id);
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

/** A line feed in JSON text can only stand between its tokens. */
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
