/** Checks mapped records against the contract: what may be left out is left out and counted, anything else rejects the record. */
import type { Collection, CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import {
  type ContentError,
  type RecordContent,
  recordContentOf,
} from '../contract/record-content.js';
import { type Defect, type MappedRecord, type Rejected, rejected } from './fhir/mapping.js';
import type { StagedRecord } from './write/staged-record.js';

type Validated =
  | { readonly kind: 'valid'; readonly record: StagedRecord; readonly defects: readonly Defect[] }
  | Rejected;

export interface RecordValidator {
  has(collection: CollectionName): boolean;
  validate(mapped: MappedRecord): Validated;
  /** Fields of a content that the contract does not take. */
  invalidFields(collection: CollectionName, content: Content): readonly string[];
}

type Content = Readonly<Record<string, unknown>>;

// Left out of a record, any of these would change what the others say, or who may see them.
const decisive: ReadonlySet<string> = new Set([
  'status',
  'security_labels',
  'value_comparator',
  'value_text',
  'value_code',
  'value_system',
  'unit',
  'unit_code',
  'deceased',
  'replaced_by_patient_id',
]);

export function createRecordValidator({ collections }: Contract): RecordValidator {
  const checks = new Map(
    collections.map((collection) => [
      collection.name,
      { content: recordContentOf(collection), canDrop: droppableOf(collection) },
    ]),
  );
  return {
    has: (collection) => checks.has(collection),
    invalidFields: (collection, content) =>
      (checks.get(collection)?.content.errors(content) ?? []).map(fieldOf),
    validate(mapped) {
      const check = checks.get(mapped.collection);
      if (check === undefined)
        throw new Error(`no collection ${mapped.collection} in the contract`);
      const errors = check.content.errors(mapped.content);
      if (errors.length === 0)
        return written(mapped, mapped.content, mapped.defects, check.content);
      const fatal = errors.find((error) => !check.canDrop(fieldOf(error)));
      const content = fatal === undefined ? dropped(mapped.content, errors) : mapped.content;
      const left = fatal ?? check.content.errors(content)[0];
      if (left !== undefined) return misfit(mapped.collection, left);
      const defects = firstOfEach(errors).map((error) => ({
        field: fieldOf(error),
        rule: error.rule,
      }));
      return written(mapped, content, [...mapped.defects, ...defects], check.content);
    },
  };
}

function written(
  mapped: MappedRecord,
  fields: Content,
  defects: readonly Defect[],
  check: RecordContent,
): Validated {
  const { id, patientId, recordState, sourceVersion, refersTo, collection } = mapped;
  const content = check.serialise(fields);
  if (hasUnstorable(content)) {
    return misfit(collection, { pointer: '', rule: 'must hold no NUL and no half a character' });
  }
  const more = {
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(refersTo !== undefined && { refersTo }),
  };
  return { kind: 'valid', record: { id, patientId, recordState, content, ...more }, defects };
}

// JSON.stringify escapes a NUL, a lone surrogate and other controls so, and nothing else but a backslash itself.
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function hasUnstorable(content: string): boolean {
  return content.includes('\\u') && unstorable.test(content);
}

function misfit(collection: CollectionName, { pointer, rule }: ContentError): Rejected {
  return rejected(collection, 'contract', pointer, rule);
}

/** Nullable fields and the entries of lists may be left out, but for the decisive ones. */
function droppableOf({ contentSchema }: Collection): (field: string) => boolean {
  const fields = Object.entries(contentSchema.properties ?? {})
    .filter(([, { type }]) =>
      [type ?? []].flat().some((name) => name === 'null' || name === 'array'),
    )
    .map(([field]) => field);
  const droppable = new Set(fields.filter((field) => !decisive.has(field)));
  return (field) => droppable.has(field);
}

/** One wrong value may break several rules: the first of them counts. */
function firstOfEach(errors: readonly ContentError[]): readonly ContentError[] {
  const first = new Map<string, ContentError>();
  for (const error of errors) if (!first.has(error.pointer)) first.set(error.pointer, error);
  return [...first.values()];
}

function fieldOf({ pointer }: ContentError): string {
  return pointer.split('/')[1] ?? '';
}

function dropped(content: Content, errors: readonly ContentError[]): Content {
  const left: Record<string, unknown> = { ...content };
  for (const field of new Set(errors.map(fieldOf))) {
    const entries = errors
      .filter((error) => fieldOf(error) === field)
      .map(({ pointer }) => pointer.split('/')[2]);
    const value = content[field];
    left[field] = Array.isArray(value)
      ? value.filter((_, index) => !entries.includes(String(index)))
      : null;
  }
  return left;
}
