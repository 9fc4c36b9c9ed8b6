/** FHIR R4 Patient → patients. */
import type { Patient } from 'fhir/r4.js';
import type { StagedRecord } from '../write/staged-record.js';
import {
  createContentOf,
  type Mapping,
  type MappingContext,
  rejected,
  type ResourceFields,
  unreadable,
} from './mapping.js';
import {
  currentName,
  deceasedFault,
  deceasedShapes,
  medicalRecordNumber,
  patientFields,
  useDefects,
} from './patients-fields.js';
import { readLink } from './reference.js';
import {
  address,
  backbone,
  common,
  contactPoint,
  createFit,
  flag,
  humanName,
  identifier,
  list,
  reference,
  text,
} from './shape.js';
import { ownId, versionOf } from './source-fields.js';

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
  const fault = deceasedFault(patient);
  if (fault !== undefined) return refuse(fault.pointer, fault.reason);
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
