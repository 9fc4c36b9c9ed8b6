/** Statuses that decide whether a record counts: what FHIR does not have is refused, because nobody can tell. */
import type { CollectionName } from '../../contract/collections.js';
import { type Rejected, rejected } from './mapping.js';

/** @see FHIR R4 and R5: observation-status, encounter-status, appointmentstatus (all required bindings) */
const statuses = {
  Observation: [
    ...['registered', 'preliminary', 'final', 'amended', 'corrected', 'cancelled'],
    ...['entered-in-error', 'unknown'],
  ],
  Encounter: [
    ...['planned', 'arrived', 'triaged', 'in-progress', 'onleave', 'on-hold', 'discharged'],
    ...['finished', 'completed', 'cancelled', 'discontinued', 'entered-in-error', 'unknown'],
  ],
  Appointment: [
    ...['proposed', 'pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow'],
    ...['entered-in-error', 'checked-in', 'waitlist'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type StatusType = keyof typeof statuses;

export const unknownStatus = 'must be a status that FHIR has for the type';

export function isStatusOf(types: readonly StatusType[], status: string): boolean {
  return types.some((type) => (statuses[type] as readonly string[]).includes(status));
}

/** @see FHIR R4 modifier elements: without its status nobody can say what a resource is worth */
export function statusError(
  collection: CollectionName,
  type: StatusType,
  status: string | null | undefined,
): Rejected | undefined {
  const refuse = (reason: string) => rejected(collection, 'structure', '/status', reason);
  if (status === undefined || status === null || status === '') return refuse('must be there');
  return isStatusOf([type], status) ? undefined : refuse(unknownStatus);
}
