/** FHIR R4 Patient → patients. */
import type {
  Address,
  ContactPoint,
  Extension,
  HumanName,
  Identifier,
  Patient,
  Period,
} from 'fhir/r4.js';
import { best, joined, textOrNull, timestamp, wholeDate } from './data-types.js';
import {
  ownId,
  readLink,
  type ReadLink,
  sourceFields,
  type SourceView,
  versionOf,
} from './identity.js';
import {
  createContentOf,
  type Defect,
  type FieldTable,
  type Mapping,
  type MappedState,
  type MappingContext,
  rejected,
  type ResourceFields,
  unreadable,
} from './mapping.js';
import {
  address,
  backbone,
  common,
  contactPoint,
  createFit,
  element,
  flag,
  humanName,
  identifier,
  list,
  reference,
  text,
} from './shape.js';

export interface PatientView extends SourceView {
  readonly patient: Patient;
  readonly today: string;
  readonly name: HumanName | undefined;
  readonly mrn: Identifier | undefined;
  readonly replacedBy: ReadLink;
}

export const patientFields: FieldTable<'patients', PatientView> = {
  patient_id: { from: 'id', value: ownId },
  name: {
    from: 'name.text, else name.given, name.family and name.suffix',
    lost: 'prefix, names that do not hold',
    value: ({ name }) => displayName(name),
  },
  family_name: { from: 'name.family', value: ({ name }) => textOrNull(name?.family) },
  given_names: { from: 'name.given', value: ({ name }) => present(name?.given) },
  name_suffix: { from: 'name.suffix', value: ({ name }) => joined(name?.suffix ?? [], ' ') },
  dob: { from: 'birthDate', value: ({ patient }) => wholeDate(patient.birthDate) },
  dob_text: { from: 'birthDate', value: ({ patient }) => textOrNull(patient.birthDate) },
  gender: { from: 'gender', value: ({ patient }) => patient.gender ?? null },
  deceased: {
    from: 'deceased[x], also a deceasedDateTime of extensions alone',
    value: ({ patient }) => isDeceased(patient),
  },
  deceased_ts: {
    from: 'deceasedDateTime',
    value: ({ patient }) => timestamp(patient.deceasedDateTime),
  },
  deceased_text: {
    from: 'deceasedDateTime',
    value: ({ patient }) => textOrNull(patient.deceasedDateTime),
  },
  mrn: { from: 'identifier of type MR', value: ({ mrn }) => textOrNull(mrn?.value) },
  mrn_system: {
    from: 'identifier.system, else identifier.assigner.display',
    value: ({ mrn }) => textOrNull(mrn?.system) ?? textOrNull(mrn?.assigner?.display),
  },
  phone: {
    from: 'telecom of system phone',
    lost: 'all but the preferred one',
    value: ({ patient, today }) => textOrNull(currentTelecom(patient.telecom, 'phone', today)),
  },
  email: {
    from: 'telecom of system email',
    lost: 'all but the preferred one',
    value: ({ patient, today }) => textOrNull(currentTelecom(patient.telecom, 'email', today)),
  },
  address: {
    from: 'address',
    lost: 'all but one that holds, home first; district, type',
    value: ({ patient, today }) => addressOf(currentAddress(patient.address, today)),
  },
  replaced_by_patient_id: {
    from: 'link of type replaced-by',
    lost: 'all but the first; replaces, refer and seealso',
    value: ({ replacedBy }) => replacedBy.id,
  },
  ...sourceFields,
};

function addressOf(address: Address | undefined) {
  if (address === undefined) return null;
  const lines = present(address.line);
  const { city, state, postalCode, country } = address;
  const isTextOnly = lines.length === 0 && city === undefined && postalCode === undefined;
  return {
    lines: isTextOnly ? present([address.text]) : lines,
    city: textOrNull(city),
    state: textOrNull(state),
    postal_code: textOrNull(postalCode),
    country: textOrNull(country),
  };
}

/** FHIR leaves null in a list where there is only an extension. */
function present(texts: readonly (string | null | undefined)[] | undefined): string[] {
  return (texts ?? []).filter((text) => typeof text === 'string' && text !== '') as string[];
}

// A temporary name is better than none (a newborn, an emergency); one that no longer holds, or hides the person, is not.
const rankOfUse: Readonly<Record<string, number | undefined>> = {
  official: 0,
  usual: 1,
  unstated: 2,
  nickname: 3,
  temp: 4,
  anonymous: undefined,
  old: undefined,
  maiden: undefined,
};
const endedLast = 10;

/** @see FHIR R4 datatypes.html, HumanName and value set name-use */
function currentName(
  names: readonly HumanName[] | undefined,
  today: string,
): HumanName | undefined {
  return best(names, ({ use, period }) => {
    const rank = rankOfUse[use ?? 'unstated'];
    return rank === undefined || holdsOn(period, today) ? rank : rank + endedLast;
  });
}

/** The name as the source displays it, else given names, family name and suffix. */
function displayName(name: HumanName | undefined): string | null {
  if (name === undefined) return null;
  return (
    textOrNull(name.text) ??
    joined([...(name.given ?? []), name.family, ...(name.suffix ?? [])], ' ')
  );
}

type RankOfUse = Readonly<Record<string, number | undefined>>;

const rankOfTelecomUse: RankOfUse = { home: 0, mobile: 1, unstated: 2, work: 3, temp: 4 };
const rankOfAddressUse: RankOfUse = { home: 0, unstated: 1, temp: 2, work: 3, billing: 4 };
const rankOfIdentifierUse: RankOfUse = {
  official: 0,
  usual: 1,
  unstated: 2,
  secondary: 3,
  temp: 4,
};
const lowestPreference = 1_000_000;

/** @see FHIR R4 datatypes.html, ContactPoint: rank 1 is the most preferred; `old` is no longer in use */
function currentTelecom(
  telecoms: readonly ContactPoint[] | undefined,
  system: ContactPoint['system'],
  today: string,
): string | undefined {
  return best(telecoms, (telecom) => {
    if (telecom.system !== system || telecom.value === undefined) return undefined;
    const use = rankOfTelecomUse[telecom.use ?? 'unstated'];
    if (use === undefined || !holdsOn(telecom.period, today)) return undefined;
    return (telecom.rank ?? lowestPreference) * 10 + use;
  })?.value;
}

/** @see FHIR R4 datatypes.html, Address */
function currentAddress(
  addresses: readonly Address[] | undefined,
  today: string,
): Address | undefined {
  return best(addresses, ({ use, period }) =>
    holdsOn(period, today) ? rankOfAddressUse[use ?? 'unstated'] : undefined,
  );
}

/** The medical record number: by its type code `MR` (HL7 v2 table 0203), never one in `use: old`. */
function medicalRecordNumber(
  identifiers: readonly Identifier[] | undefined,
  today: string,
): Identifier | undefined {
  return best(identifiers, (identifier) => {
    const { value, type, use, period } = identifier;
    if (value === undefined || type?.coding?.some(({ code }) => code === 'MR') !== true) {
      return undefined;
    }
    return holdsOn(period, today) ? rankOfIdentifierUse[use ?? 'unstated'] : undefined;
  });
}

/** @see FHIR R4 datatypes.html, Period: an end of `2012-02-03` includes that whole day */
function holdsOn(period: Period | undefined, today: string): boolean {
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

const deceasedShapes = {
  deceasedBoolean: flag,
  deceasedDateTime: text,
  _deceasedDateTime: element({ extension: list(element({ url: text, valueCode: text })) }),
};

/** A time that has only extensions, such as the reason why it is not known, is the time of a death all the same. */
function isDeceased(patient: Patient): boolean | null {
  const hasTime = patient.deceasedDateTime !== undefined || extensionsOf(patient).length > 0;
  return hasTime ? true : (patient.deceasedBoolean ?? null);
}

interface ShapeError {
  readonly pointer: string;
  readonly reason: string;
}

/** @see FHIR R4 patient.html, Patient.deceased[x]: a modifier element */
function deceasedError(patient: Patient): ShapeError | undefined {
  const { deceasedBoolean, deceasedDateTime } = patient;
  if (deceasedDateTime !== undefined) {
    if (deceasedBoolean !== undefined) {
      return { pointer: '/deceasedBoolean', reason: 'must not stand beside deceasedDateTime' };
    }
    return deceasedDateTime === ''
      ? { pointer: '/deceasedDateTime', reason: 'must not be empty' }
      : undefined;
  }
  const extensions = extensionsOf(patient);
  if (extensions.length > 0 && deceasedBoolean === false) {
    return { pointer: '/deceasedBoolean', reason: 'must not be false beside deceasedDateTime' };
  }
  return extensions.some(isNotApplicable)
    ? { pointer: '/_deceasedDateTime', reason: 'must be absent where there is no death' }
    : undefined;
}

function extensionsOf({ _deceasedDateTime: time }: Patient): readonly Extension[] {
  return time?.extension ?? [];
}

// FHIR R4 extension data-absent-reason.
const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

function isNotApplicable({ url, valueCode }: Extension): boolean {
  return url === absentReason && valueCode === 'not-applicable';
}

const uses = {
  name: ['usual', 'official', 'temp', 'nickname', 'anonymous', 'old', 'maiden'],
  telecom: ['home', 'work', 'temp', 'old', 'mobile'],
  address: ['home', 'work', 'temp', 'old', 'billing'],
  identifier: ['usual', 'official', 'temp', 'secondary', 'old'],
} as const;
const elements = Object.entries(uses).map(
  // The keys are what the object above is made of.
  ([name, codes]) => [name as keyof typeof uses, new Set<string>(codes)] as const,
);

/** @see FHIR R4 datatypes.html: `use` is a modifier, its value sets name-use, contact-point-use, address-use and identifier-use are required */
function useDefects(patient: Patient): readonly Defect[] {
  return elements.flatMap(([name, known]) =>
    (patient[name] ?? [])
      .filter(({ use }) => use !== undefined && !known.has(use))
      .map(() => ({ field: `${name}.use`, rule: 'must be a code that FHIR R4 has' })),
  );
}

const contentOf = createContentOf(patientFields);
const fit = createFit<Patient>(
  {
    ...common,
    active: flag,
    name: list(humanName),
    identifier: list(identifier),
    telecom: list(contactPoint),
    gender: text,
    birthDate: text,
    ...deceasedShapes,
    address: list(address),
    link: list(backbone({ other: reference, type: text })),
  },
  ['id', 'meta', 'active', 'deceasedBoolean', 'deceasedDateTime', '_deceasedDateTime', 'link'],
);

export function mapPatient(
  resource: ResourceFields,
  { source, today }: MappingContext,
): readonly Mapping[] {
  const fitted = fit(resource);
  if (fitted.kind === 'rejected') return [unreadable('patients', fitted)];
  const { resource: patient, defects } = fitted;
  const refusal = refusalOf(patient);
  if (refusal !== undefined) return [refusal];
  const { meta } = patient;
  const name = currentName(patient.name, today);
  const mrn = medicalRecordNumber(patient.identifier, today);
  const sourceId = patient.id ?? '';
  const own = { meta, source, sourceType: 'Patient', sourceId, contained: patient.contained };
  const reference = replacement(patient)?.other;
  const link = { field: 'replaced_by_patient_id', reference, type: 'Patient' };
  const replacedBy = readLink(link, source, own);
  const view = { ...own, patient, today, name, mrn, replacedBy };
  const id = ownId(view);
  return [
    {
      kind: 'record',
      collection: 'patients',
      id,
      patientId: id,
      recordState: stateOf(patient),
      content: contentOf(view),
      defects: [...defects, ...useDefects(patient), ...replacedBy.defects],
      ...versionOf(meta),
    },
  ];
}

const linkTypes: ReadonlySet<string> = new Set(['replaced-by', 'replaces', 'refer', 'seealso']);

/** The modifier elements of Patient that say what nobody can tell (FHIR R4 patient.html: active, deceased[x], link). */
function refusalOf(patient: Patient) {
  const { link = [] } = patient;
  const refuse = (pointer: string, reason: string) =>
    rejected('patients', 'modifier', pointer, reason);
  const error = deceasedError(patient);
  if (error !== undefined) return refuse(error.pointer, error.reason);
  const unknown = link.findIndex(({ type }) => !linkTypes.has(type));
  return unknown < 0
    ? undefined
    : refuse(`/link/${unknown}/type`, 'must be a code of FHIR R4 link-type');
}

/** @see FHIR R4 patient.html, Patient.link: `replaced-by` means that this record must no longer be used */
function replacement({ link }: Patient) {
  return link?.find(({ type }) => type === 'replaced-by');
}

function stateOf(patient: Patient): MappedState {
  if (replacement(patient) !== undefined) return 'merged';
  return patient.active === false ? 'inactive' : 'active';
}
