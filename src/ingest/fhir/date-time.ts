/** FHIR dates and times as the contract writes them: nothing completed, nothing converted, nothing lost. */

/** The hospital's calendar day of an instant, `YYYY-MM-DD`. */
export type DayOf = (instant: Date) => string;

const partialDate = /^\d{4}(?:-\d{2}(?:-\d{2})?)?$/;
const day = /^\d{4}-\d{2}-\d{2}/;
const wholeTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})$/;
const looseTime =
  /^(?<minute>\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?<second>:\d{2})?(?:\.(?<fraction>\d+))?(?<offset>Z|[+-]\d{2}:\d{2})$/i;

/**
 * A FHIR date when it is a whole day; null for a year, a month or nothing.
 * What is no FHIR date is given back as it is, so that the contract's check counts it.
 * @see FHIR R4 datatypes.html, date
 */
export function wholeDate(written: string | undefined): string | null {
  if (written === undefined) return null;
  return partialDate.test(written) && written.length < 10 ? null : written;
}

/**
 * A FHIR dateTime or instant as RFC 3339, offset kept as written; null for a date without a time.
 * More than six fraction digits are cut; what is no dateTime is given back as it is, so that the contract's check counts it.
 * @see FHIR R4 datatypes.html, dateTime and instant
 */
export function timestamp(written: string | undefined): string | null {
  if (written === undefined) return null;
  if (wholeTime.test(written)) return written;
  if (partialDate.test(written)) return null;
  const { minute, second, fraction, offset } = looseTime.exec(written)?.groups ?? {};
  if (minute === undefined || offset === undefined) return written;
  const digits = fraction === undefined ? '' : `.${fraction.slice(0, 6)}`;
  return `${minute}${second ?? ':00'}${digits}${offset}`.toUpperCase();
}

/**
 * The calendar day at the hospital: as written beside a local offset or without a time, computed where the source
 * wrote UTC (`Z`, or `-00:00`, RFC 3339 section 4.3).
 */
export function localDay(written: string | undefined, dayOf: DayOf): string | null {
  if (written === undefined || !day.test(written)) return null;
  if (!/(?:Z|-00:00)$/i.test(written)) return written.slice(0, 10);
  const instant = new Date(written);
  return Number.isNaN(instant.getTime()) ? null : dayOf(instant);
}

/** @throws RangeError when the runtime does not know the time zone */
export function createDayOf(timeZone: string): DayOf {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const year = parts.get('year') ?? '';
    return `${year.padStart(4, '0')}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
  };
}
