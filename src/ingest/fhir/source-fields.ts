/** The fields that every record has: where it came from and how confidential its source calls it. */
import type { Meta } from 'fhir/r4.js';
import { recordId } from './reference.js';

export interface SourceView {
  readonly source: string;
  readonly sourceType: string;
  readonly sourceId: string;
  readonly meta: Meta | undefined;
}

export const sourceFields = {
  source: { from: '(the load)', value: ({ source }: SourceView) => source },
  source_type: { from: 'resourceType', value: ({ sourceType }: SourceView) => sourceType },
  source_id: { from: 'id', value: ({ sourceId }: SourceView) => sourceId },
  security_labels: {
    from: 'meta.security',
    lost: 'display, version',
    value: ({ meta }: SourceView): string[] =>
      (meta?.security ?? []).flatMap(({ system, code }) =>
        code === undefined ? [] : [`${system ?? ''}|${code}`],
      ),
  },
};

export function ownId({ source, sourceType, sourceId }: SourceView): string {
  return recordId(source, sourceType, sourceId);
}

/** How old the source calls this version, when it says so. */
export function versionOf(meta: Meta | undefined): { sourceVersion?: string } {
  const sourceVersion = sourceVersionOf(meta);
  return sourceVersion === undefined ? {} : { sourceVersion };
}

interface VersionedMeta {
  readonly versionId?: unknown;
  readonly lastUpdated?: unknown;
}

/**
 * By `meta.lastUpdated`; at the same moment, or where no version has one, by a `meta.versionId` that is a whole number.
 * Nothing when neither can be read: such a version only says that it came later. All ages are in one order, so that any
 * order of arrival ends with the same newest.
 * @see FHIR R4 resource.html, Meta: a version id is opaque, so one that is no whole number tells no order
 */
export function sourceVersionOf(meta: VersionedMeta | undefined): string | undefined {
  const moment = momentOf(meta?.lastUpdated);
  const number = numberOf(meta?.versionId);
  return moment === undefined && number === undefined
    ? undefined
    : `${moment ?? none}/${number ?? none}`;
}

/** Sorts before every digit. */
const none = '-';

const instant =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:Z|([+-](?:[01]\d|2[0-3])):([0-5]\d))$/;

/** The calendar repeats after so many years, and `Date.UTC` takes a year before 100 for one of the last century. */
const yearsOfCalendar = 400;
const secondsBefore1970 = -Date.UTC(yearsOfCalendar, 0) / 1000;

/** Seconds since the year 0 with nine fraction digits: `063903985800.123456789`. */
function momentOf(text: unknown): string | undefined {
  const found = typeof text === 'string' ? instant.exec(text) : null;
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zoneHours = '+00', zone = 0] =
    found;
  // By its numbers: every line has an instant, and a date that is parsed costs as much as a check of the record.
  const date = Date.UTC(Number(year) + yearsOfCalendar, Number(month) - 1, Number(day));
  const minutes = Number(hour) * 60 + Number(minute);
  const offset = Number(zoneHours) * 60 + (zoneHours.startsWith('-') ? -1 : 1) * Number(zone);
  const seconds = date / 1000 + secondsBefore1970 + (minutes - offset) * 60 + Number(second);
  return seconds < 0
    ? undefined
    : `${String(seconds).padStart(12, '0')}.${fraction.padEnd(9, '0').slice(0, 9)}`;
}

const number = /^0*(\d{1,64})$/;

/** Its length before the number makes text order the order of numbers. */
function numberOf(text: unknown): string | undefined {
  const [, digits] = (typeof text === 'string' ? number.exec(text) : null) ?? [];
  return digits && `${String(digits.length).padStart(2, '0')}.${digits}`;
}
