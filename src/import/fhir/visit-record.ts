/** The record of a visit, whichever kind of resource it is made from. */
import type { ContentOf } from '../../contract/collections.js';
import type { Defect, MappedRecord } from './mapping.js';
import { ownId, type SourceView, versionOf } from './source-fields.js';
import { textOrNull } from './text.js';

interface Visit {
  readonly view: SourceView & { readonly patientId: string };
  readonly status: string | undefined;
  readonly content: ContentOf<'appointments'>;
  /** The booking that it names: its record id, whichever record of it is the patient's. */
  readonly refersTo?: string | undefined;
  readonly defects: readonly Defect[];
}

export function visitRecord({ view, status, content, refersTo, defects }: Visit): MappedRecord {
  return {
    kind: 'record',
    collection: 'appointments',
    id: ownId(view),
    patientId: view.patientId,
    recordState: textOrNull(status) === 'entered-in-error' ? 'retracted' : 'active',
    content,
    defects,
    ...versionOf(view.meta),
    ...(refersTo !== undefined && { refersTo }),
  };
}
