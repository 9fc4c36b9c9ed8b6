/** What is handed over to be written, what is found stored, and what a write counts. */
import type { RecordState } from '../../contract/collections.js';

/** A record that was checked against the contract, ready to be stored. */
export interface StagedRecord {
  /** `<source>:<Type>:<id>`, unique in its collection. */
  readonly id: string;
  /** The patient that the record is of; a patient's own id. */
  readonly patientId: string;
  readonly recordState: Exclude<RecordState, 'missing' | 'erased'>;
  /** The record's JSON text without audit columns, as the contract's serialiser wrote it. */
  readonly content: string;
  /** How the source itself counts its versions, as ASCII text that sorts by age; absent when it does not say. */
  readonly sourceVersion?: string;
  /** It is written whatever version is stored: it came after one that does not say its version. */
  readonly unconditional?: boolean;
  /** Of one of several records made from a resource: the id of the resource's own record. */
  readonly origin?: string;
  /** Id of the resource whose fact it takes fields from. */
  readonly refersTo?: string;
  /** Other records of its resource were refused, so that none may be thought to be gone. */
  readonly isPartial?: boolean;
  /** It is written only while the stored record is still at this position. */
  readonly expected?: string;
  /** The resource it was made from, one line of JSON, where it is to be kept. */
  readonly resource?: string;
  /** Tells the resource from its other versions: 16 hexadecimal digits. */
  readonly resourceDigest?: string;
}

/** A record as a batch writes it. */
export interface StagedRow extends Omit<StagedRecord, 'isPartial' | 'recordState'> {
  readonly recordState: RecordState;
  /** Version of the resource that no longer has this record; empty when it has none. */
  readonly retractedBy?: string;
  /** The resource that is kept of the record stays as it is. */
  readonly keepsSource?: boolean;
  /** JSON object of what its own resource gives where facts have changed it. */
  readonly own?: string;
}

/** A stored record. */
export interface ExistingRow {
  readonly id: string;
  readonly position: string;
  readonly patientId: string;
  readonly recordState: RecordState;
  /** JSON text of the content. */
  readonly content: string;
  readonly sourceVersion: string | undefined;
  readonly retractedBy: string | undefined;
  readonly origin: string | undefined;
  readonly refersTo: string | undefined;
  /** JSON object of what its own resource gives where facts have changed it. */
  readonly own: string | undefined;
}

/** What a resource says of other records, whether or not it has a record itself. */
export interface StagedFact {
  /** The resource's id, as its own record has it. */
  readonly id: string;
  readonly sourceVersion?: string;
  readonly unconditional?: boolean;
  /** Whose resource it is, where it says so. */
  readonly patientId?: string;
  /** Ids of the records that it names; empty where records refer to it. */
  readonly about: readonly string[];
  /** JSON object of what it says. */
  readonly fields: string;
  /** Some of its own records were refused, so that none may be thought to be gone. */
  readonly isPartial?: boolean;
}

/** What a resource said of other records when it was last read. */
export interface StoredFact {
  readonly id: string;
  readonly sourceVersion: string | undefined;
  readonly patientId: string | undefined;
  readonly about: readonly string[];
  readonly fields: string;
}

/** Which load a change belongs to and who is named in `created_by` and `updated_by`. */
export interface Load {
  readonly id: bigint;
  readonly source: string;
  /** Version of the mapping that made the records. */
  readonly mapping?: string;
}

export interface WriteCounts {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Left alone, because a newer version of the same resource is stored or was in the same batch. */
  readonly older: number;
}

export const noCounts: WriteCounts = { created: 0, updated: 0, unchanged: 0, older: 0 };
