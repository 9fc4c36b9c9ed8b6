/** Fits mapped records to the contract: what may be left out is left out and counted, anything else refuses the record. */
import type { Collection, CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import { type Fault, type RecordContent, recordContentOf } from '../contract/record-content.js';
import { type Defect, type MappedRecord, type Rejected, rejected } from './fhir/mapping.js';
import type { StagedRecord } from './write/staged-record.js';

type Staged =
  | { readonly kind: 'staged'; readonly record: StagedRecord; readonly defects: readonly Defect[] }
  | Rejected;

export interface Staging {
  has(collection: CollectionName): boolean;
  stage(mapped: MappedRecord): Staged;
  /** Fields of a content that the contract does not take. */
  unfitFields(collection: CollectionName, content: Content): readonly string[];
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

export function createStaging({ collections }: Contract): Staging {
  const checks = new Map(
    collections.map((collection) => [
      collection.name,
      { content: recordContentOf(collection), canDrop: droppableOf(collection) },
    ]),
  );
  return {
    has: (collection) => checks.has(collection),
    unfitFields: (collection, content) =>
      (checks.get(collection)?.content.faults(content) ?? []).map(fieldOf),
    stage(mapped) {
      const check = checks.get(mapped.collection);
      if (check === undefined)
        throw new Error(`no collection ${mapped.collection} in the contract`);
      const faults = check.content.faults(mapped.content);
      if (faults.length === 0)
        return written(mapped, mapped.content, mapped.defects, check.content);
      const fatal = faults.find((fault) => !check.canDrop(fieldOf(fault)));
      const content = fatal === undefined ? dropped(mapped.content, faults) : mapped.content;
      const left = fatal ?? check.content.faults(content)[0];
      if (left !== undefined) return misfit(mapped.collection, left);
      const defects = oncePerPointer(faults).map((fault) => ({
        field: fieldOf(fault),
        rule: fault.rule,
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
): Staged {
  const { id, patientId, recordState, sourceVersion, refersTo, collection } = mapped;
  const content = check.serialise(fields);
  if (hasUnstorable(content)) {
    return misfit(collection, { pointer: '', rule: 'must hold no NUL and no half a character' });
  }
  const more = {
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(refersTo !== undefined && { refersTo }),
  };
  return { kind: 'staged', record: { id, patientId, recordState, content, ...more }, defects };
}

// JSON.stringify escapes a NUL, a lone surrogate and other controls so, and nothing else but a backslash itself.
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function hasUnstorable(content: string): boolean {
  return content.includes('\\u') && unstorable.test(content);
}

function misfit(collection: CollectionName, { pointer, rule }: Fault): Rejected {
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
function oncePerPointer(faults: readonly Fault[]): readonly Fault[] {
  const first = new Map<string, Fault>();
  for (const fault of faults) if (!first.has(fault.pointer)) first.set(fault.pointer, fault);
  return [...first.values()];
}

function fieldOf({ pointer }: Fault): string {
  return pointer.split('/')[1] ?? '';
}

function dropped(content: Content, faults: readonly Fault[]): Content {
  const left: Record<string, unknown> = { ...content };
  for (const field of new Set(faults.map(fieldOf))) {
    const entries = faults
      .filter((fault) => fieldOf(fault) === field)
      .map(({ pointer }) => pointer.split('/')[2]);
    const value = content[field];
    left[field] = Array.isArray(value)
      ? value.filter((_, index) => !entries.includes(String(index)))
      : null;
  }
  return left;
}
