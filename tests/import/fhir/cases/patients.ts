/** Clinical cases of Patient. */
import { type Case, casesOf, type Fields } from './case.js';

const nobody: Fields = {
  ...{ patient_id: 'ehr:Patient:p1', name: null, family_name: null, given_names: [] },
  ...{ name_suffix: null, dob: null, dob_text: null, gender: null, deceased: null },
  ...{ deceased_ts: null, deceased_text: null, mrn: null, mrn_system: null, phone: null },
  ...{ email: null, address: null, replaced_by_patient_id: null, source: 'ehr' },
  ...{ source_type: 'Patient', source_id: 'p1', security_labels: [] },
};
const plain = { resourceType: 'Patient', id: 'p1' };
const { record, rejected } = casesOf(plain, nobody);

const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const mr = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };
const pi = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PI' }] };
const emptyAddress = { lines: [], city: null, state: null, postal_code: null, country: null };
const merge = (reference: object) => ({ link: [{ type: 'replaced-by', other: reference }] });

const states: readonly Case[] = [
  record('patient.html#Patient.active', 'absent says nothing', {}, {}),
  record('patient.html#Patient.active', 'false', { active: false }, {}, { state: 'inactive' }),
  record(
    'patient.html#Patient.active',
    'a dead patient who is active stays active',
    { active: true, deceasedBoolean: true },
    { deceased: true },
  ),
  rejected('patient.html#Patient.active', 'no boolean', { active: 'no' }, 'structure', '/active'),
  record(
    'patient.html#Patient.deceased[x]',
    'deceasedBoolean',
    { deceasedBoolean: true },
    { deceased: true },
  ),
  record(
    'patient.html#Patient.deceased[x]',
    'deceasedBoolean false',
    { deceasedBoolean: false },
    { deceased: false },
  ),
  record(
    'patient.html#Patient.deceased[x]',
    'a time of death',
    { deceasedDateTime: '2024-03-02T04:05:06-05:00' },
    {
      ...{ deceased: true, deceased_ts: '2024-03-02T04:05:06-05:00' },
      deceased_text: '2024-03-02T04:05:06-05:00',
    },
  ),
  record(
    'datatypes.html#dateTime',
    'a month of death is no time',
    { deceasedDateTime: '2024-03' },
    { deceased: true, deceased_text: '2024-03' },
  ),
  record(
    'datatypes.html#dateTime',
    'a death at no readable time is a death',
    { deceasedDateTime: 'last week' },
    { deceased: true, deceased_text: 'last week' },
    { defects: ['deceased_ts'] },
  ),
  ...['unknown', 'masked'].map((valueCode) =>
    record(
      'extension-data-absent-reason.html',
      `a death at a time that is ${valueCode}`,
      { _deceasedDateTime: { extension: [{ url: absentReason, valueCode }] } },
      { deceased: true },
    ),
  ),
  record(
    'json.html#primitive',
    'a death at a time that is an extension only, said twice',
    { deceasedBoolean: true, _deceasedDateTime: { extension: [{ url: 'urn:about' }] } },
    { deceased: true },
  ),
  rejected(
    'extension-data-absent-reason.html',
    'a time of death that does not apply',
    { _deceasedDateTime: { extension: [{ url: absentReason, valueCode: 'not-applicable' }] } },
    'modifier',
    '/_deceasedDateTime',
  ),
  rejected(
    'patient.html#Patient.deceased[x]',
    'not dead, and a time of death that is not known',
    {
      deceasedBoolean: false,
      _deceasedDateTime: { extension: [{ url: absentReason, valueCode: 'unknown' }] },
    },
    'modifier',
    '/deceasedBoolean',
  ),
  record(
    'json.html#primitive',
    'whether dead is not known',
    { _deceasedBoolean: { extension: [{ url: absentReason, valueCode: 'unknown' }] } },
    {},
  ),
  rejected(
    'formats.html#choice',
    'both kinds of deceased[x]',
    { deceasedBoolean: false, deceasedDateTime: '2024' },
    'modifier',
    '/deceasedBoolean',
  ),
  record(
    'patient.html#Patient.link',
    'replaced-by',
    merge({ reference: 'Patient/p2' }),
    { replaced_by_patient_id: 'ehr:Patient:p2' },
    { state: 'merged' },
  ),
  record(
    'patient.html#Patient.link',
    'replaced-by is stronger than inactive',
    { active: false, ...merge({ reference: 'Patient/p2' }) },
    { replaced_by_patient_id: 'ehr:Patient:p2' },
    { state: 'merged' },
  ),
  record(
    'patient.html#Patient.link',
    'replaced-by an identifier',
    merge({ identifier: { system: 'urn:mrn', value: '7' } }),
    { replaced_by_patient_id: 'ehr:Patient:?identifier=urn:mrn|7' },
    { state: 'merged', defects: ['replaced_by_patient_id'] },
  ),
  record(
    'patient.html#Patient.link',
    'replaces, refer and seealso change nothing',
    {
      link: ['replaces', 'refer', 'seealso'].map((type) => ({
        ...{ type, other: { reference: 'Patient/p0' } },
      })),
    },
    {},
  ),
  rejected(
    'patient.html#Patient.link',
    'a type of link that nobody knows',
    { link: [{ type: 'was', other: { reference: 'Patient/p2' } }] },
    'modifier',
    '/link/0/type',
  ),
];

const modifiers: readonly Case[] = [
  rejected(
    'extensibility.html#modifierExtension',
    'of the resource',
    { modifierExtension: [{ url: 'urn:not' }] },
    'modifier',
    '/modifierExtension',
  ),
  rejected(
    'extensibility.html#modifierExtension',
    'of a link',
    { link: [{ type: 'seealso', modifierExtension: [{ url: 'urn:not' }] }] },
    'modifier',
    '/link/0/modifierExtension',
  ),
  record('extensibility.html#modifierExtension', 'an empty list', { modifierExtension: [] }, {}),
  record('extensibility.html', 'a plain extension', { extension: [{ url: 'urn:x' }] }, {}),
  rejected(
    'resource.html#Resource.implicitRules',
    'rules that are not known',
    { implicitRules: 'urn:rules' },
    'modifier',
    '/implicitRules',
  ),
];

const names: readonly Case[] = [
  record(
    'datatypes.html#HumanName',
    'official before usual, wherever it stands',
    {
      name: [
        { use: 'usual', family: 'U' },
        { use: 'official', family: 'O', given: ['A', 'B'] },
      ],
    },
    { name: 'A B O', family_name: 'O', given_names: ['A', 'B'] },
  ),
  record(
    'datatypes.html#HumanName',
    'a current usual name before an official one that ended',
    {
      name: [
        { use: 'official', family: 'O', period: { end: '2020-05' } },
        { use: 'usual', family: 'U' },
      ],
    },
    { name: 'U', family_name: 'U' },
  ),
  record(
    'datatypes.html#HumanName',
    'a name that begins to hold tomorrow',
    {
      name: [
        { use: 'official', family: 'Next', period: { start: '2026-02-02' } },
        { use: 'usual', family: 'Now' },
      ],
    },
    { name: 'Now', family_name: 'Now' },
  ),
  ...['old', 'maiden', 'anonymous'].map((use) =>
    record('valueset-name-use.html', `${use} alone`, { name: [{ use, family: 'X' }] }, {}),
  ),
  record(
    'valueset-name-use.html',
    'temp gives way to nickname',
    {
      name: [
        { use: 'temp', family: 'T' },
        { use: 'nickname', family: 'N' },
      ],
    },
    { name: 'N', family_name: 'N' },
  ),
  record(
    'datatypes.html#HumanName',
    'suffixes',
    { name: [{ text: 'A. Example', family: 'Example', suffix: ['Jr.', 'MD'] }] },
    { name: 'A. Example', family_name: 'Example', name_suffix: 'Jr. MD' },
  ),
  record(
    'datatypes.html#HumanName',
    'text as the source wrote it',
    { name: [{ text: 'van der Example,  Ada' }] },
    { name: 'van der Example,  Ada' },
  ),
];

const contacts: readonly Case[] = [
  record(
    'datatypes.html#ContactPoint',
    'ended, old and mail',
    {
      telecom: [
        { system: 'phone', value: '1', period: { end: '2025-12-31' } },
        { system: 'phone', value: '2', use: 'old' },
        { system: 'email', value: 'a@example.org' },
      ],
    },
    { email: 'a@example.org' },
  ),
  record(
    'datatypes.html#ContactPoint',
    'rank decides before use',
    {
      telecom: [
        { system: 'phone', value: '1', use: 'home', rank: 2 },
        { system: 'phone', value: '2', use: 'work', rank: 1 },
      ],
    },
    { phone: '2' },
  ),
  record(
    'datatypes.html#Period',
    'an end counts in',
    { telecom: [{ system: 'phone', value: '1', period: { end: '2026-02-01' } }] },
    { phone: '1' },
  ),
  record(
    'datatypes.html#Address',
    'ended and old ones never win',
    {
      address: [
        { use: 'home', city: 'Was', period: { end: '2026-01' } },
        { use: 'old', city: 'Old' },
      ],
    },
    {},
  ),
  record(
    'datatypes.html#Address',
    'home before billing',
    {
      address: [
        { use: 'billing', city: 'B' },
        { use: 'home', city: 'H' },
      ],
    },
    { address: { ...emptyAddress, city: 'H' } },
  ),
  record(
    'datatypes.html#Identifier',
    'by type code, with its system',
    {
      identifier: [
        { type: pi, system: 'urn:pi', value: '1' },
        { type: mr, system: 'urn:mr', value: '2' },
      ],
    },
    { mrn: '2', mrn_system: 'urn:mr' },
  ),
  record(
    'datatypes.html#Identifier',
    'old and ended ones never win',
    {
      identifier: [
        { type: mr, use: 'old', value: '1' },
        { type: mr, value: '2', period: { end: '2020' } },
      ],
    },
    {},
  ),
  record(
    'datatypes.html#Identifier',
    'the assigner where there is no system',
    { identifier: [{ type: mr, value: '2', assigner: { display: 'Example Hospital' } }] },
    { mrn: '2', mrn_system: 'Example Hospital' },
  ),
];

const defects: readonly Case[] = [
  record('datatypes.html#date', 'a year', { birthDate: '1970' }, { dob_text: '1970' }),
  record(
    'datatypes.html#date',
    'a day that no calendar has',
    { birthDate: '1970-02-30' },
    { dob_text: '1970-02-30' },
    { defects: ['dob'] },
  ),
  record(
    'valueset-administrative-gender.html',
    'a code of its own',
    { gender: 'F' },
    {},
    { defects: ['gender'] },
  ),
  record(
    'valueset-name-use.html',
    'a use that no name has is counted, and the name not read',
    { name: [{ use: 'legal', family: 'X' }] },
    {},
    { defects: ['name.use'] },
  ),
  record(
    'datatypes.html',
    'a use that no telecom, address or identifier has',
    {
      telecom: [{ system: 'phone', value: '1', use: 'cell' }],
      address: [{ use: 'mail', city: 'X' }],
      identifier: [{ type: mr, value: '1', use: 'primary' }],
    },
    {},
    { defects: ['telecom.use', 'address.use', 'identifier.use'] },
  ),
  record(
    'datatypes.html#Period',
    'a name whose end cannot be read is not taken for one that holds',
    { name: [{ family: 'X', period: { start: '2020-01-01', end: 7 } }] },
    {},
    { defects: ['name.period.end'] },
  ),
  record('json.html#null', 'null is absent', { active: null, name: null, birthDate: null }, {}),
  record(
    'json.html#primitive',
    'a value that is an extension only',
    { _birthDate: { extension: [{ url: 'urn:unknown' }] } },
    {},
  ),
  rejected('resource.html#id', 'no id', { id: undefined }, 'resource', '/id'),
  rejected('resource.html#id', 'an id that no id can be', { id: 'a~b' }, 'resource', '/id'),
  record(
    'security-labels.html',
    'labels as they are',
    { meta: { security: [{ system: 'urn:s', code: 'R', display: 'restricted' }] } },
    { security_labels: ['urn:s|R'] },
  ),
];

export const patientCases: readonly Case[] = [
  ...states,
  ...modifiers,
  ...names,
  ...contacts,
  ...defects,
];
