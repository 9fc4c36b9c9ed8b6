/** A record with what other resources say of it: the panel that names it, the Specimen or booking that it refers to. */
import type { CollectionName, RecordState } from '../contract/collections.js';
import { retractedContent } from '../contract/record-content.js';
import type { RecordValidator } from './validate-record.js';
import type { BatchLookups } from './write/batch-transaction.js';
import type { ExistingRow, StagedRow, StoredFact } from './write/staged-record.js';

/** JSON text of a record's content, and its state. */
export interface RecordText {
  readonly content: string;
  readonly recordState: RecordState;
}

/** What is said of one record. */
interface Fact extends StoredFact {
  /** Whether the record refers to it, rather than being named by it. */
  readonly isReferredTo: boolean;
}

/** A record with what is said of it; the facts are in the order of their ids. */
export type Complete = (
  record: RecordText & { readonly patientId: string },
  facts: readonly Fact[],
) => RecordText;

type Fields = Readonly<Record<string, unknown>>;

/** A value that does not fit the contract is ignored. */
export function createComplete(collection: CollectionName, validator: RecordValidator): Complete {
  const retract = retractedContent(collection);
  return ({ content, recordState, patientId }, facts) => {
    const referred = facts.find((fact) => fact.isReferredTo);
    const before = JSON.parse(content) as Fields;
    const given =
      collection === 'appointments'
        ? bookingOf(referred, patientId)
        : { ...panelOf(before, facts, patientId), ...specimenOf(before, referred) };
    const known = Object.entries(given).filter(([field]) => field in before);
    const after = known.length === 0 ? content : validPart(before, Object.fromEntries(known));
    const completed = { content: after, recordState };
    return isOfAnother(referred, patientId) ? withdrawn(completed, retract) : completed;
  };

  function validPart(before: Fields, given: Fields): string {
    const invalid = new Set(validator.invalidFields(collection, { ...before, ...given }));
    const valid = Object.entries(given).filter(([field]) => !invalid.has(field));
    return JSON.stringify({ ...before, ...Object.fromEntries(valid) });
  }
}

function fieldsOf(fact: Fact | undefined): Fields {
  return fact === undefined ? {} : (JSON.parse(fact.fields) as Fields);
}

/** Of several panels the one whose id comes first, so that no order of arrival decides. */
function panelOf(before: Fields, facts: readonly Fact[], patientId: string): Fields {
  const panel = facts.find((fact) => !fact.isReferredTo && fact.patientId === patientId);
  return before.panel_id === null ? fieldsOf(panel) : {};
}

/** The Specimen decides the time of collection; for what it is called the result comes first. */
function specimenOf(before: Fields, fact: Fact | undefined): Fields {
  const { specimen, collected_text: text, collected_ts: time = null } = fieldsOf(fact);
  return {
    ...(before.specimen === null && specimen !== undefined && { specimen }),
    ...(text !== undefined && { collected_ts: time, collected_text: text }),
  };
}

/** Of the records of a booking of several patients the patient's own. */
function bookingOf(fact: Fact | undefined, patientId: string): Fields {
  const { [patientId]: own } = fieldsOf(fact);
  return own === undefined ? {} : { booking_id: own };
}

function isOfAnother(fact: Fact | undefined, patientId: string): boolean {
  return fact?.patientId !== undefined && fact.patientId !== patientId;
}

/** Another patient's specimen: the value is not the patient's. */
function withdrawn(
  { content, recordState }: RecordText,
  retract: (content: string) => string,
): RecordText {
  const state = recordState === 'active' ? 'retracted' : recordState;
  return { content: retract(content), recordState: state };
}

/** Completes rows that are as their own resources give them. */
export async function completeRows(
  stored: BatchLookups,
  rows: readonly StagedRow[],
  complete: Complete,
): Promise<readonly StagedRow[]> {
  const about = await stored.findFactsAbout(rows.map(({ id }) => id));
  const ids = new Set([...about.values()].flat());
  for (const { refersTo } of rows) if (refersTo !== undefined) ids.add(refersTo);
  if (ids.size === 0) return rows;
  const facts = await stored.findFacts([...ids]);
  return rows.map((row) => {
    const given = [
      ...factsOf([row.refersTo ?? ''], facts, true),
      ...factsOf(about.get(row.id) ?? [], facts, false),
    ];
    if (given.length === 0) return row;
    const { content, recordState } = complete(row, given);
    const own = ownOf(row, { content, recordState });
    return own === undefined ? row : { ...row, content, recordState, own };
  });
}

function factsOf(
  ids: readonly string[],
  facts: ReadonlyMap<string, StoredFact>,
  isReferredTo: boolean,
): readonly Fact[] {
  return ids.flatMap((id) => {
    const fact = facts.get(id);
    return fact === undefined ? [] : [{ ...fact, isReferredTo }];
  });
}

/** The member of `own` that is no field. */
const stateMember = 'record_state';

/** What of a record facts have changed, as JSON text; nothing when they changed none. */
function ownOf(record: RecordText, completed: RecordText): string | undefined {
  if (record.content === completed.content && record.recordState === completed.recordState) {
    return undefined;
  }
  const now = JSON.parse(completed.content) as Fields;
  const changed = Object.entries(JSON.parse(record.content) as Fields).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(now[field]),
  );
  const isOfState = record.recordState !== completed.recordState;
  const own = {
    ...Object.fromEntries(changed),
    ...(isOfState && { [stateMember]: record.recordState }),
  };
  return JSON.stringify(own);
}

/** A stored record as its own resource gives it. */
export function withoutFacts({
  content,
  recordState,
  own,
}: RecordText & Pick<ExistingRow, 'own'>): RecordText {
  if (own === undefined) return { content, recordState };
  // Both were written here, as objects.
  const { [stateMember]: state, ...fields } = JSON.parse(own) as Fields;
  return {
    content: JSON.stringify({ ...(JSON.parse(content) as Fields), ...fields }),
    recordState: (state as RecordState | undefined) ?? recordState,
  };
}

/** A stored record to be written again, without what facts have changed of it. */
export function restaged(row: ExistingRow): StagedRow {
  const { id, patientId, sourceVersion, retractedBy, origin, refersTo } = row;
  return {
    ...{ id, patientId, unconditional: true, keepsSource: true },
    ...withoutFacts(row),
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(retractedBy !== undefined && { retractedBy }),
    ...(origin !== undefined && { origin }),
    ...(refersTo !== undefined && { refersTo }),
  };
}
