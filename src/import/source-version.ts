/** How old a version of a resource is, as text that sorts by age. */

interface Meta {
  readonly versionId?: unknown;
  readonly lastUpdated?: unknown;
}

/**
 * By `meta.lastUpdated`; at the same moment, or where no version has one, by a `meta.versionId` that is a whole number.
 * Nothing when neither can be read: such a version only says that it came later. All ages are in one order, so that any
 * order of arrival ends with the same newest.
 * @see FHIR R4 resource.html, Meta: a version id is opaque, so one that is no whole number tells no order
 */
export function sourceVersionOf(meta: Meta | undefined): string | undefined {
  const moment = momentOf(meta?.lastUpdated);
  const number = numberOf(meta?.versionId);
  return moment === undefined && number === undefined
    ? undefined
    : `${moment ?? none}/${number ?? none}`;
}

/** Sorts before every digit. */
const none = '-';

const instant =
  /^(?<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?<fraction>\d+))?(?<zone>Z|[+-]\d\d:\d\d)$/;

/** So that seconds before 1970 are positive too. */
const secondsBefore1970 = 62_167_219_200;

/** Seconds since the year 0 with nine fraction digits: `063903985800.123456789`. */
function momentOf(text: unknown): string | undefined {
  const { second, fraction = '', zone = '' } = matched(text, instant);
  if (second === undefined) return undefined;
  const seconds = Date.parse(second + zone) / 1000 + secondsBefore1970;
  return Number.isNaN(seconds) || seconds < 0
    ? undefined
    : `${String(seconds).padStart(12, '0')}.${fraction.padEnd(9, '0').slice(0, 9)}`;
}

/** Its length before the number makes text order the order of numbers. */
function numberOf(text: unknown): string | undefined {
  const { digits } = matched(text, /^0*(?<digits>\d{1,64})$/);
  return digits && `${String(digits.length).padStart(2, '0')}.${digits}`;
}

function matched(text: unknown, pattern: RegExp): Readonly<Record<string, string | undefined>> {
  return (typeof text === 'string' ? pattern.exec(text)?.groups : undefined) ?? {};
}
