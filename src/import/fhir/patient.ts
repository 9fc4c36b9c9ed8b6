/** FHIR R4 Patient → patients. */
import type { Address, HumanName, Identifier, Patient } from 'fhir/r4.js';
import type { StagedRecord } from '../../store/staged-record.js';
import { currentAddress, currentTelecom, medicalRecordNumber } from './contact.js';
import { timestamp, wholeDate } from './date-time.js';
import { currentName, displayName } from './human-name.js';
import {
  createContentOf,
  type FieldTable,
  type Mapping,
  type MappingContext,
  rejected,
  type ResourceFields,
  unreadable,
} from './mapping.js';
import { type ReadLink, readLink } from './reference.js';
import { backbone, createFit, flag, list, text } from './shape.js';
import { address, common, contactPoint, humanName, identifier, reference } from './shapes.js';
import { ownId, sourceFields, type SourceView, versionOf } from './source-fields.js';
import { joined, textOrNull } from './text.js';

interface PatientView extends SourceView {
  readonly patient: Patient;
  readonly today: string;
  readonly name: HumanName | undefined;
  readonly mrn: Identifier | undefined;
  readonly replacedBy: ReadLink;
}

const patientFields: FieldTable<'patients', PatientView> = {
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
    from: 'deceased[x]',
    value: ({ patient }) =>
      patient.deceasedDateTime === undefined ? (patient.deceasedBoolean ?? null) : true,
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
    deceasedBoolean: flag,
    deceasedDateTime: text,
    address: list(address),
    link: list(backbone({ other: reference, type: text })),
  },
  ['id', 'meta', 'active', 'deceasedBoolean', 'deceasedDateTime', 'link'],
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
      defects: [...defects, ...replacedBy.defects],
      ...versionOf(meta),
    },
  ];
}

const linkTypes: ReadonlySet<string> = new Set(['replaced-by', 'replaces', 'refer', 'seealso']);

/** The modifier elements of Patient that say what nobody can tell (FHIR R4 patient.html: active, deceased[x], link). */
function refusalOf({ deceasedBoolean, deceasedDateTime, link = [] }: Patient) {
  const refuse = (pointer: string, reason: string) =>
    rejected('patients', 'modifier', pointer, reason);
  if (deceasedDateTime !== undefined && deceasedBoolean !== undefined) {
    return refuse('/deceasedBoolean', 'must not stand beside deceasedDateTime');
  }
  if (deceasedDateTime === '') return refuse('/deceasedDateTime', 'must not be empty');
  const unknown = link.findIndex(({ type }) => !linkTypes.has(type));
  return unknown < 0
    ? undefined
    : refuse(`/link/${unknown}/type`, 'must be a code of FHIR R4 link-type');
}

/** @see FHIR R4 patient.html, Patient.link: `replaced-by` means that this record must no longer be used */
function replacement({ link }: Patient) {
  return link?.find(({ type }) => type === 'replaced-by');
}

function stateOf(patient: Patient): StagedRecord['recordState'] {
  if (replacement(patient) !== undefined) return 'merged';
  return patient.active === false ? 'inactive' : 'active';
}

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

/** FHIR leaves null in a list where only an extension stands. */
function present(texts: readonly (string | null | undefined)[] | undefined): string[] {
  return (texts ?? []).filter((text) => typeof text === 'string' && text !== '') as string[];
}
