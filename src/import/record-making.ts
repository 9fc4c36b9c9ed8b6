/** What stands beside a record: which resource it was made from, alone or as one of several. */
import type { StagedRecord } from '../store/staged-record.js';
import type { Line } from './line.js';

/** What a record knows of the resource that it is made from. */
export interface Making {
  readonly resource: string | undefined;
  readonly digest: string | undefined;
  /** Other records of the resource were refused. */
  readonly isPartial: boolean;
  /** Of the resource's own record. */
  readonly id: string;
  readonly expectedOf: ((id: string) => string | undefined) | undefined;
}

/** Written out: what happens a million times is not spread. */
export function withMaking(record: StagedRecord, making: Making): StagedRecord {
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
export function resourceText(line: Line): string | undefined {
  if (line.kind !== 'text') return undefined;
  return line.text.includes('\n') ? line.text.replaceAll('\n', ' ') : line.text;
}
