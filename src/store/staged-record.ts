/** What the store takes in and what it says of it. */
import type { RecordState } from '../contract/audit-columns.js';

/** A record that was checked against the contract, ready to be stored. */
export interface StagedRecord {
  /** `<source>:<Type>:<id>`, unique in its collection. */
  readonly id: string;
  /** The patient that the record is of; a patient's own id. */
  readonly patientId: string;
  readonly recordState: Exclude<RecordState, 'missing' | 'erased'>;
  /** The record's JSON text without audit columns, as the contract's serialiser wrote it. */
  readonly content: string;
  /** How the source itself counts its versions, when it says so. */
  readonly sourceVersion?: string;
}

/** Which load a change belongs to and who stands in `created_by` and `updated_by`. */
export interface Load {
  readonly id: bigint;
  readonly source: string;
}

export interface WriteCounts {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
}
