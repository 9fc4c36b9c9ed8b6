/** A record with what resources of their own say of it: the panel that names it, the Specimen or booking that it refers to. */
import type { CollectionName } from '../contract/collections.js';
import { retractedContent } from '../contract/record-content.js';
import type { Staging } from './staging.js';
import type { RecordText } from './write/existing-rows.js';
import type { Complete, Fact } from './write/facts.js';

type Fields = Readonly<Record<string, unknown>>;

/** How the store changes records of a collection without knowing their fields. */
export function derivationOf(collection: CollectionName, staging: Staging) {
  return {
    retract: retractedContent(collection),
    complete: completionOf(collection, staging),
  };
}

/** What does not fit the contract is as if it had not been said. */
function completionOf(collection: CollectionName, staging: Staging): Complete {
  const retract = retractedContent(collection);
  return ({ content, recordState, patientId }, facts) => {
    const referred = facts.find((fact) => fact.isReferredTo);
    const before = JSON.parse(content) as Fields;
    const said =
      collection === 'appointments'
        ? bookingOf(referred, patientId)
        : { ...panelOf(before, facts, patientId), ...specimenOf(before, referred) };
    const known = Object.entries(said).filter(([field]) => field in before);
    const after = known.length === 0 ? content : fitted(before, Object.fromEntries(known));
    const completed = { content: after ?? content, recordState };
    return isOfAnother(referred, patientId) ? withdrawn(completed, retract) : completed;
  };

  function fitted(before: Fields, said: Fields): string | undefined {
    const whole = { ...before, ...said };
    const unfit = new Set(staging.unfitFields(collection, whole));
    const fitting = Object.entries(said).filter(([field]) => !unfit.has(field));
    return JSON.stringify({ ...before, ...Object.fromEntries(fitting) });
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

/** The time of collection is the Specimen's own word; what it is called is the result's first. */
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

/** Another's specimen: the value is not the patient's. */
function withdrawn(
  { content, recordState }: RecordText,
  retract: (content: string) => string,
): RecordText {
  const state = recordState === 'active' ? 'retracted' : recordState;
  return { content: retract(content), recordState: state };
}
