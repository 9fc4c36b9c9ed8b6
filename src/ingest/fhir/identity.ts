/** Where a record comes from: its id, its age, the fields that say so, and the ids of the records that it refers to. */
import type { Identifier, Meta, Reference } from 'fhir/r4.js';
import { recordId, typedId } from '../../contract/record-id.js';
import { textOrNull } from './data-types.js';
import type { Defect } from './mapping.js';

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
 * @see FHIR R4 resource.html, Meta: a version id is opaque, so one that is no whole number gives no order
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
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:Z|([+-](?:0\d|1[0-3]|14(?=:00))):([0-5]\d))$/;

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

export interface Target {
  readonly type: string;
  /** The target's own id, or where the reference names none, the reference as it is written. */
  readonly id: string;
  readonly isResolved: boolean;
}

/** The resource that a reference is in. */
export interface Holder {
  readonly sourceType: string;
  readonly sourceId: string;
  readonly contained?:
    readonly { readonly resourceType: string; readonly id?: string | undefined }[] | undefined;
}

const literal = /^(?:.*\/)?(?<type>[A-Z][A-Za-z]*)\/(?<id>[^/?#|\s]+)(?:\/_history\/[^/?#\s]+)?$/;
const conditional = /^(?:.*\/)?(?<type>[A-Z][A-Za-z]*)(?<query>\?\S+)$/;
const urn = /^urn:(?:uuid|oid):(?<id>\S+)$/;
const typeUrl = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * Reads a reference in any form; undefined where it names nothing (a display alone, a `#…` that is not contained).
 *
 * - `Patient/1`, an absolute URL that ends so, and either with `/_history/…`: that type and id.
 * - `urn:uuid:X` and `urn:oid:X`: the resource whose id is X, as bulk extracts have it. Its type is what the reference
 *   says in `type`, else the one that the field expects. (Inside a Bundle the reader has replaced them before.)
 * - `Patient?identifier=…`, an identifier alone, a contained resource, any other URL: unresolved. The id is the
 *   reference as written: the query, `?identifier=system|value`, `Observation/1#p`, the URL.
 * @see FHIR R4 references.html
 */
export function targetOf(
  reference: Reference | undefined,
  expected: string,
  holder: Holder,
): Target | undefined {
  if (reference === undefined) return undefined;
  const { reference: written, identifier } = reference;
  const stated = statedType(reference, expected);
  if (textOrNull(written) === null) return identifier && byIdentifier(identifier, stated);
  return writtenTarget(written ?? '', stated, holder);
}

/** The type of what a reference means; where it names nothing, the one that it states or that is expected. */
export function typeMeant(reference: Reference, expected: string, holder: Holder): string {
  return targetOf(reference, expected, holder)?.type ?? statedType(reference, expected);
}

/** One reference of a record, with the field that holds its id and the type that belongs there. */
export interface Link {
  readonly field: string;
  readonly reference: Reference | undefined;
  readonly type: string;
}

export interface ReadLink {
  /** The record id that it means; null where it means none. */
  readonly id: string | null;
  readonly defects: readonly Defect[];
}

/** The rule of a reference that no record's id can be made of. */
export const keptAsWritten = 'names no resource by its id: kept as written';

/** The record id that a reference to a resource of the type means, and what is to be counted of it. */
export function readLink(link: Link, source: string, holder: Holder): ReadLink {
  const { field, reference, type } = link;
  if (reference === undefined) return { id: null, defects: [] };
  const target = targetOf(reference, type, holder);
  if (target?.type !== type) {
    return { id: null, defects: [{ field, rule: `must refer to a resource of type ${type}` }] };
  }
  const defects = target.isResolved ? [] : [{ field, rule: keptAsWritten }];
  return { id: recordId(source, type, target.id), defects };
}

/** How the source itself calls what it refers to. */
export function displayOf(reference: Reference | undefined): string | null {
  return textOrNull(reference?.display);
}

function statedType({ type }: Reference, expected: string): string {
  return type?.replace(typeUrl, '') ?? expected;
}

function writtenTarget(written: string, stated: string, holder: Holder): Target | undefined {
  if (written.startsWith('#')) return containedTarget(written, holder);
  const named = urn.exec(written)?.groups?.id;
  if (named !== undefined) return { type: stated, id: named, isResolved: true };
  const own = ofAllowedType(written, stated);
  if (own !== undefined) return own;
  const { type, id } = literal.exec(written)?.groups ?? {};
  if (type !== undefined && id !== undefined) return { type, id, isResolved: true };
  const query = conditional.exec(written)?.groups;
  return { type: query?.type ?? stated, id: query?.query ?? written, isResolved: false };
}

// FHIR R4 and R5 appointment.html, participant.actor; encounter.html, participant.individual.
const allowedTypes: Readonly<Record<string, readonly string[] | undefined>> = {
  unknown: [
    ...['Patient', 'Practitioner', 'PractitionerRole', 'RelatedPerson', 'Device'],
    ...['HealthcareService', 'Location', 'Group', 'CareTeam'],
  ],
  Practitioner: ['Practitioner', 'PractitionerRole'],
};
const absolute = /^[a-z][a-z\d+.-]*:\/\/[^?#]*/i;
const idAndVersion = /^(?<id>[^?#|\s]+?)(?:\/_history\/[^/?#\s]+)?$/;

/** An id may have slashes of its own: `Patient/MRN/17`. */
function ofAllowedType(written: string, stated: string): Target | undefined {
  const types = allowedTypes[stated] ?? [stated];
  const path = absolute.exec(written)?.[0] ?? '';
  const start = Math.max(...types.map((type) => path.lastIndexOf(`/${type}/`))) + 1;
  const named = typedId(written.slice(start), types);
  const id = named && idAndVersion.exec(named.id)?.groups?.id;
  return named && id !== undefined ? { type: named.type, id, isResolved: true } : undefined;
}

/** A contained resource has no identity but in its container (FHIR R4 references.html, contained). */
function containedTarget(
  written: string,
  { sourceType, sourceId, contained }: Holder,
): Target | undefined {
  const inside = contained?.find(({ id }) => `#${id ?? ''}` === written);
  if (inside === undefined) return undefined;
  const id = `${sourceType}/${sourceId}${written}`;
  return { type: inside.resourceType, id, isResolved: false };
}

function byIdentifier({ system, value }: Identifier, type: string): Target | undefined {
  if (textOrNull(value) === null) return undefined;
  return { type, id: `?identifier=${system ?? ''}|${value ?? ''}`, isResolved: false };
}
