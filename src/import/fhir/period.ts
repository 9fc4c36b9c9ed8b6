/** Whether something holds on a day, by its Period; both ends count in, however much of the date is known. */
import type { Period } from 'fhir/r4.js';

/** @see FHIR R4 datatypes.html, Period: an end of `2012-02-03` includes that whole day */
export function holdsOn(period: Period | undefined, today: string): boolean {
  return !hasEnded(period, today) && !isYetToStart(period, today);
}

function hasEnded(period: Period | undefined, today: string): boolean {
  const end = period?.end?.slice(0, 10);
  return end !== undefined && end < today.slice(0, end.length);
}

function isYetToStart(period: Period | undefined, today: string): boolean {
  const start = period?.start?.slice(0, 10);
  return start !== undefined && start > today.slice(0, start.length);
}
