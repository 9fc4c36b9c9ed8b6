/** New records as rows of their tables, with the text that is served. */
import { hash } from 'node:crypto';
import type { RecordState } from '../contract/audit-columns.js';
import {
  type Written,
  binaryRows,
  bytesOf,
  putBytes,
  putHex,
  putInt2,
  putInt4,
  putInt8,
  putRow,
  putText,
  putTextEndingIn,
} from './binary-rows.js';
import { resourcesARow } from './sources.js';
import type { Load } from './staged-record.js';
import type { StagedRow } from './staging-table.js';

/** Where new records of a batch may stand, and which of its rows are none. */
export interface Places {
  /** Positions begin behind this one: microseconds since 1970. */
  readonly after: number;
  readonly firstSource: bigint;
  /** Indices of the rows whose ids are stored. */
  readonly stored: ReadonlySet<number>;
}

export interface NewRecords {
  readonly collection: string;
  readonly contract: string;
  readonly load: Load;
  readonly rows: readonly StagedRow[];
  readonly places: Places;
}

// What is the same in all rows of a batch stands first.
export const recordColumns = `collection, version, created_by, updated_by, load_id, contract,
  id, position, created_position, deleted_position, patient_id, record_state, digest, source_version,
  origin, retracted_by, refers_to, own, source_id, source_place, source_digest, body`;

export function recordRows({ collection, contract, load, rows, places }: NewRecords) {
  const same = bytesOf((out) => {
    putRow(out, 22);
    putText(out, collection);
    putInt4(out, 1);
    putText(out, load.source);
    putText(out, load.source);
    putInt8(out, Number(load.id));
    putText(out, contract);
  });
  const auditText = createAuditText(load.source);
  const firstSource = Number(places.firstSource);
  let position = places.after;
  let kept = 0;
  return binaryRows(rows, (out, row) => {
    position += 1;
    putBytes(out, same);
    writeOwn(out, row, position);
    if (row.resourceDigest === undefined) {
      for (let field = 0; field < 3; field += 1) putText(out, undefined);
    } else {
      putInt8(out, firstSource + Math.floor(kept / resourcesARow));
      putInt2(out, kept % resourcesARow);
      putHex(out, row.resourceDigest);
      kept += 1;
    }
    putTextEndingIn(out, row.content, auditText(row.recordState, position));
  });
}

function writeOwn(out: Written, row: StagedRow, position: number): void {
  putText(out, row.id);
  putInt8(out, position);
  putInt8(out, position);
  putInt8(out, isDeleted(row.recordState) ? position : undefined);
  putText(out, row.patientId);
  putText(out, row.recordState);
  putHex(out, hash('sha256', row.content));
  putText(out, row.sourceVersion);
  putText(out, row.origin);
  putText(out, row.retractedBy);
  putText(out, row.refersTo);
  putText(out, row.own);
}

export const changeColumns = 'collection, version, load_id, position, id';

export function changeRows({ collection, load, rows, places }: NewRecords) {
  const same = bytesOf((out) => {
    putRow(out, 5);
    putText(out, collection);
    putInt4(out, 1);
    putInt8(out, Number(load.id));
  });
  let position = places.after;
  return binaryRows(rows, (out, { id }) => {
    position += 1;
    putBytes(out, same);
    putInt8(out, position);
    putText(out, id);
  });
}

function isDeleted(state: RecordState): boolean {
  return state === 'retracted' || state === 'missing' || state === 'erased';
}

/** The audit columns of a record's first version, in the contract's order, with the brace that closes the record. */
function createAuditText(source: string): (state: RecordState, position: number) => string {
  const by = JSON.stringify(source);
  const timeOf = createTimeOf();
  return (state, position) => {
    const time = timeOf(position);
    const deleted = isDeleted(state) ? `"${time}"` : 'null';
    return (
      `,"created_ts":"${time}","updated_ts":"${time}","created_by":${by},"updated_by":${by}` +
      `,"is_active":${state === 'active'},"record_state":"${state}","deleted_ts":${deleted},"version":1}`
    );
  };
}

/** A position as RFC 3339. Neighbours share their second, so it is written once. */
function createTimeOf(): (position: number) => string {
  let second = -1;
  let text = '';
  return (position) => {
    const own = Math.floor(position / 1e6);
    if (own !== second) {
      second = own;
      text = new Date(own * 1000).toISOString().slice(0, 20);
    }
    return `${text.slice(0, 19)}.${String(position - own * 1e6).padStart(6, '0')}Z`;
  };
}
