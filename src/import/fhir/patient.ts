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
  type ResourceFields,
  unreadable,
} from './mapping.js';
import { referencedId } from './reference.js';
import { backbone, createFit, flag, list, text } from './shape.js';
import { address, common, contactPoint, humanName, identifier, reference } from './shapes.js';
import { ownId, sourceFields, type SourceView, versionOf } from './source-fields.js';
import { joined, textOrNull } from './text.js';

interface PatientView extends SourceView {
  readonly patient: Patient;
  readonly today: string;
  readonly name: HumanName | undefined;
  readonly mrn: Identifier | undefined;
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
  mrn_system: { from: 'identifier.system', value: ({ mrn }) => textOrNull(mrn?.system) },
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
    value: ({ patient, source }) => referencedId(replacement(patient)?.other, 'Patient', source),
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
  const { meta } = patient;
  const name = currentName(patient.name, today);
  const mrn = medicalRecordNumber(patient.identifier, today);
  const sourceId = patient.id ?? '';
  const view = { patient, today, name, mrn, meta, source, sourceType: 'Patient', sourceId };
  const id = ownId(view);
  return [
    {
      kind: 'record',
      collection: 'patients',
      id,
      patientId: id,
      recordState: stateOf(patient),
      content: contentOf(view),
      defects,
      ...versionOf(meta),
    },
  ];
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
