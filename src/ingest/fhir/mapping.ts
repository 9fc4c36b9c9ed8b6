/** What a FHIR resource becomes: records, a skipped type, or a refusal that says what would be right. */
import type { CollectionName, ContentOf, RecordState } from '../../contract/collections.js';
import type { DayOf } from './data-types.js';

export interface MappingContext {
  /** The operator's name of the sending system. */
  readonly source: string;
  /** The hospital's calendar day on which the load runs: what ended before it no longer holds. */
  readonly today: string;
  readonly dayOf: DayOf;
}

/** A part that was not as it should be and is left out of a record that is otherwise good. */
export interface Defect {
  readonly field: string;
  readonly rule: string;
}

/** The states that a source can give a record. */
export type MappedState = Exclude<RecordState, 'missing' | 'erased'>;

interface RecordIn<Name extends CollectionName> {
  readonly kind: 'record';
  readonly collection: Name;
  readonly id: string;
  readonly patientId: string;
  readonly recordState: MappedState;
  readonly content: ContentOf<Name>;
  readonly sourceVersion?: string;
  /** The Specimen or booking that it refers to: its record id, if it had one. */
  readonly refersTo?: string;
  readonly defects: readonly Defect[];
}

export type MappedRecord = { [Name in CollectionName]: RecordIn<Name> }[CollectionName];

/** What a resource says of the records of others, itself being one or none. */
export interface MappedFact {
  readonly kind: 'fact';
  readonly collection: CollectionName;
  readonly id: string;
  /** Whose resource it is, where it says so. */
  readonly patientId?: string;
  readonly sourceVersion?: string;
  /** Ids of the records that it names; empty where records refer to it. */
  readonly about: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  /** Whatever older versions of the resource became is retracted. */
  readonly endsOlder?: true;
}

interface Skipped {
  readonly kind: 'skipped';
  readonly type: string;
}

export interface Rejected {
  readonly kind: 'rejected';
  /** The collection that it would have gone to, where the resource says so much. */
  readonly collection?: CollectionName;
  /** JSON pointer (RFC 6901), empty for the whole: into the resource, of rule `contract` into the record made of it. */
  readonly pointer: string;
  readonly rule: RejectRule;
  /** What would be right; never a value of the resource. */
  readonly reason: string;
}

export type RejectRule =
  | 'utf-8'
  | 'line-length'
  | 'size'
  | 'gzip'
  | 'csv'
  | 'json'
  | 'resource'
  | 'structure'
  | 'modifier'
  | 'subject'
  | 'contract';

export type Mapping = MappedRecord | MappedFact | Skipped | Rejected;

/** One entry a field: the element it comes from, how it is read, and what is lost on the way. */
export type FieldTable<Name extends CollectionName, View> = {
  readonly [Field in keyof ContentOf<Name>]: FieldEntry<View, ContentOf<Name>[Field]>;
};

interface FieldEntry<View, Value> {
  readonly from: string;
  readonly lost?: string;
  readonly value: (view: View) => Value;
}

/** Reads a table's fields, in its order. */
export function createContentOf<Name extends CollectionName, View>(
  table: FieldTable<Name, View>,
): (view: View) => ContentOf<Name> {
  const fields = Object.entries<FieldEntry<View, unknown>>(table);
  // Copied for each record, so that all have one hidden class and none grows field by field.
  const empty = Object.fromEntries<unknown>(fields.map(([name]) => [name, null]));
  return (view) => {
    const content = { ...empty };
    for (const [name, { value }] of fields) content[name] = value(view);
    // The table has one entry for each field of the content, and no other.
    return content as ContentOf<Name>;
  };
}

/** An object of the resource's JSON, before its structure was checked. */
export type ResourceFields = Readonly<Record<string, unknown>>;

export function rejected(
  collection: CollectionName,
  rule: RejectRule,
  pointer: string,
  reason: string,
): Rejected {
  return { kind: 'rejected', collection, rule, pointer, reason };
}

/** The refusal of a resource that is not of a patient, or of an unknown one. */
export function ofNoPatient(collection: CollectionName, pointer: string): Rejected {
  return rejected(collection, 'subject', pointer, 'must refer to a Patient');
}

/** The refusal of a resource whose decisive elements are broken, or are changed by something not understood. */
export function unreadable(
  collection: CollectionName,
  { pointer, modifier }: { readonly pointer: string; readonly modifier: boolean },
): Rejected {
  return modifier
    ? rejected(collection, 'modifier', pointer, 'must not change the meaning by extension')
    : rejected(collection, 'structure', pointer, 'must have the structure of FHIR R4');
}
