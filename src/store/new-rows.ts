/** New records as rows of their tables, with the text that is served. */
import { hash } from 'node:crypto';
import type { RecordState } from '../contract/audit-columns.js';
import { type BinaryRows, binaryRows, bytesOf } from './binary-rows.js';
import type { NewRecords } from './new-records.js';
import { resourcesARow } from './sources.js';
import type { StagedRow } from './staging-table.js';

// What is the same in all rows of a batch stands first.
export const recordColumns = `collection, version, created_by, updated_by, load_id, contract,
  id, position, created_position, deleted_position, patient_id, record_state, digest, source_version,
  origin, retracted_by, refers_to, own, source_id, source_place, source_digest, body`;

export function recordRows({ collection, contract, load, rows, places }: NewRecords) {
  const same = bytesOf((out) => {
    out.row(22);
    out.text(collection);
    out.int4(1);
    out.text(load.source);
    out.text(load.source);
    out.int8(Number(load.id));
    out.text(contract);
  });
  const auditText = createAuditText(load.source);
  const firstSource = Number(places.firstSource);
  let position = places.after;
  let kept = 0;
  return binaryRows(rows, (out, row) => {
    position += 1;
    out.fields(same);
    writeOwn(out, row, position);
    if (row.resourceDigest === undefined) {
      for (let field = 0; field < 3; field += 1) out.text(undefined);
    } else {
      out.int8(firstSource + Math.floor(kept / resourcesARow));
      out.int2(kept % resourcesARow);
      out.bytes(Buffer.from(row.resourceDigest, 'hex'));
      kept += 1;
    }
    out.textEndingIn(row.content, auditText(row.recordState, position));
  });
}

function writeOwn(out: BinaryRows, row: StagedRow, position: number): void {
  out.text(row.id);
  out.int8(position);
  out.int8(position);
  out.int8(isDeleted(row.recordState) ? position : undefined);
  out.text(row.patientId);
  out.text(row.recordState);
  out.bytes(hash('sha256', row.content, 'buffer'));
  out.text(row.sourceVersion);
  out.text(row.origin);
  out.text(row.retractedBy);
  out.text(row.refersTo);
  out.text(row.own);
}

export const changeColumns = 'collection, version, load_id, position, id';

export function changeRows({ collection, load, rows, places }: NewRecords) {
  const same = bytesOf((out) => {
    out.row(5);
    out.text(collection);
    out.int4(1);
    out.int8(Number(load.id));
  });
  let position = places.after;
  return binaryRows(rows, (out, { id }) => {
    position += 1;
    out.fields(same);
    out.int8(position);
    out.text(id);
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
