/** FHIR R4 Patient → the fields of a patient. */
import type { Address, HumanName, Identifier, Patient } from 'fhir/r4.js';
import { currentAddress, currentTelecom } from './contact.js';
import { timestamp, wholeDate } from './date-time.js';
import { isDeceased } from './deceased.js';
import { displayName } from './human-name.js';
import type { FieldTable } from './mapping.js';
import type { ReadLink } from './reference.js';
import { ownId, sourceFields, type SourceView } from './source-fields.js';
import { joined, textOrNull } from './text.js';

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

/** FHIR leaves null in a list where only an extension stands. */
function present(texts: readonly (string | null | undefined)[] | undefined): string[] {
  return (texts ?? []).filter((text) => typeof text === 'string' && text !== '') as string[];
}
