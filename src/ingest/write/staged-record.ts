/** What the store takes in and what it says of it. */
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
  /** It stands whatever version is stored: it comes after a saying without a version. */
  readonly unconditional?: boolean;
  /** Of one of several records made from a resource: the id of the resource's own record. */
  readonly origin?: string;
  /** Id of the resource whose fact it takes fields from. */
  readonly refersTo?: string;
  /** Other records of its resource were refused, so that none may be thought to be gone. */
  readonly isPartial?: boolean;
  /** It stands only while the stored record is still at this position. */
  readonly expected?: string;
  /** The resource it was made from, one line of JSON, where it is to be kept. */
  readonly resource?: string;
  /** Tells the resource from its other versions: 16 hexadecimal digits. */
  readonly resourceDigest?: string;
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

/** Which load a change belongs to and who stands in `created_by` and `updated_by`. */
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
  /** Left alone, because a newer version of the same resource stands or stood in the same batch. */
  readonly older: number;
}

export const noCounts: WriteCounts = { created: 0, updated: 0, unchanged: 0, older: 0 };
