/** Patient → patients: each case names the page of FHIR R4 (hl7.org/fhir/R4) that it is drawn from. */
import { describe, expect, it } from 'vitest';
import { mapped, refusal, stored } from './mapped.js';

const base = { resourceType: 'Patient', id: 'p1' };
const mr = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };
const ss = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'SS' }] };

describe('mapPatient', () => {
  it('gives the whole record, every field stated', () => {
    const { content, state, defects } = stored({
      ...base,
      meta: { versionId: '3', security: [{ system: 'urn:s', code: 'R' }, { code: 'N' }] },
      active: true,
      identifier: [
        { type: ss, system: 'http://hl7.org/fhir/sid/us-ssn', value: '000-00-0000' },
        { type: mr, system: 'http://hospital.example.org', value: 'MRN-1' },
      ],
      name: [{ use: 'official', family: 'Example', given: ['Ada', 'B.'], suffix: ['Jr.', 'MD'] }],
      telecom: [
        { system: 'phone', value: '+1-555-0100' },
        { system: 'email', value: 'ada@example.org' },
      ],
      gender: 'female',
      birthDate: '1970-05-17',
      deceasedBoolean: false,
      address: [
        {
          line: ['1 Example Street'],
          city: 'Sampleton',
          state: 'MA',
          postalCode: '00000',
          country: 'US',
        },
      ],
    });
    expect({ content, state, defects }).toEqual({
      content: {
        patient_id: 'ehr:Patient:p1',
        name: 'Ada B. Example Jr. MD',
        family_name: 'Example',
        given_names: ['Ada', 'B.'],
        name_suffix: 'Jr. MD',
        dob: '1970-05-17',
        dob_text: '1970-05-17',
        gender: 'female',
        deceased: false,
        deceased_ts: null,
        deceased_text: null,
        mrn: 'MRN-1',
        mrn_system: 'http://hospital.example.org',
        phone: '+1-555-0100',
        email: 'ada@example.org',
        address: {
          lines: ['1 Example Street'],
          city: 'Sampleton',
          state: 'MA',
          postal_code: '00000',
          country: 'US',
        },
        replaced_by_patient_id: null,
        source: 'ehr',
        source_type: 'Patient',
        source_id: 'p1',
        security_labels: ['urn:s|R', '|N'],
      },
      state: 'active',
      defects: [],
    });
  });

  const fields: readonly [string, object, object][] = [
    // patient.html
    [
      'a patient of whom only the id is known',
      {},
      { name: null, given_names: [], deceased: null, address: null },
    ],
    ['a year of birth', { birthDate: '1970' }, { dob: null, dob_text: '1970' }],
    ['a month of birth', { birthDate: '1970-05' }, { dob: null, dob_text: '1970-05' }],
    ['deceasedBoolean', { deceasedBoolean: true }, { deceased: true, deceased_ts: null }],
    [
      'deceasedDateTime',
      { deceasedDateTime: '2024-03-02T04:05:06.1234567-05:00' },
      { deceased: true, deceased_ts: '2024-03-02T04:05:06.123456-05:00' },
    ],
    [
      'a date of death',
      { deceasedDateTime: '2024-03' },
      { deceased: true, deceased_ts: null, deceased_text: '2024-03' },
    ],
    // datatypes.html, HumanName, value set name-use
    [
      'an official name behind a maiden one',
      {
        name: [
          { use: 'maiden', family: 'Old' },
          { use: 'official', family: 'New' },
        ],
      },
      { family_name: 'New', name: 'New' },
    ],
    [
      'an official name behind a usual one',
      {
        name: [
          { use: 'usual', text: 'Addie' },
          { use: 'official', text: 'Ada Example' },
        ],
      },
      { name: 'Ada Example' },
    ],
    [
      'old names only',
      {
        name: [
          { use: 'old', family: 'Old' },
          { use: 'maiden', family: 'M' },
        ],
      },
      { name: null },
    ],
    ['an anonymous name', { name: [{ use: 'anonymous', text: 'Unknown' }] }, { name: null }],
    [
      'a temporary name before a usual one',
      {
        name: [
          { use: 'temp', text: 'T' },
          { use: 'usual', text: 'U' },
        ],
      },
      { name: 'U' },
    ],
    [
      'a temporary name alone',
      { name: [{ use: 'temp', text: 'Baby Example' }] },
      { name: 'Baby Example' },
    ],
    [
      'a usual name that holds before an official one that ended',
      {
        name: [
          { use: 'official', text: 'Was', period: { end: '2020' } },
          { use: 'usual', text: 'Is' },
        ],
      },
      { name: 'Is' },
    ],
    [
      'a given name that is an extension only',
      { name: [{ given: [null, 'Ada'] }] },
      { given_names: ['Ada'] },
    ],
    // datatypes.html, Period: the end belongs to it
    [
      'a phone whose period ends today',
      { telecom: [{ system: 'phone', value: '1', period: { end: '2026-02-01' } }] },
      { phone: '1' },
    ],
    [
      'a phone that ended',
      { telecom: [{ system: 'phone', value: '1', period: { end: '2026-01' } }] },
      { phone: null },
    ],
    // datatypes.html, ContactPoint
    ['an old phone', { telecom: [{ system: 'phone', use: 'old', value: '1' }] }, { phone: null }],
    [
      'the phone of the best rank',
      {
        telecom: [
          { system: 'phone', value: '1', rank: 2 },
          { system: 'phone', use: 'work', value: '2', rank: 1 },
        ],
      },
      { phone: '2' },
    ],
    // datatypes.html, Address
    [
      'the home address behind an old one',
      {
        address: [
          { use: 'old', city: 'Then' },
          { use: 'billing', city: 'Bill' },
          { use: 'home', city: 'Now' },
        ],
      },
      { address: { lines: [], city: 'Now', state: null, postal_code: null, country: null } },
    ],
    [
      'an address that is text only',
      { address: [{ text: '1 Example Street, Sampleton' }] },
      {
        address: {
          lines: ['1 Example Street, Sampleton'],
          city: null,
          state: null,
          postal_code: null,
          country: null,
        },
      },
    ],
    // datatypes.html, Identifier
    [
      'an old MRN',
      {
        identifier: [
          { use: 'old', type: mr, value: '1' },
          { type: mr, value: '2' },
        ],
      },
      { mrn: '2', mrn_system: null },
    ],
    [
      'no identifier of type MR',
      { identifier: [{ type: ss, value: '1' }, { value: '2' }] },
      { mrn: null },
    ],
  ];
  it.each(fields)('stores %s', (_, given, expected) => {
    expect(stored({ ...base, ...given }).content).toMatchObject(expected);
  });

  const states: readonly [string, object, string, string | null][] = [
    // patient.html, Patient.link
    ['active absent', {}, 'active', null],
    ['active: false', { active: false }, 'inactive', null],
    ['a living one who is inactive', { active: false, deceasedBoolean: false }, 'inactive', null],
    [
      'replaced-by',
      { active: false, link: [{ type: 'replaced-by', other: { reference: 'Patient/p2' } }] },
      'merged',
      'ehr:Patient:p2',
    ],
    [
      'replaces',
      { link: [{ type: 'replaces', other: { reference: 'Patient/p0' } }] },
      'active',
      null,
    ],
  ];
  it.each(states)('state: %s', (_, given, state, replacedBy) => {
    const record = stored({ ...base, ...given });
    expect([record.state, record.content.replaced_by_patient_id]).toEqual([state, replacedBy]);
  });

  const defective: readonly [string, object, object, string][] = [
    [
      'a birth date that is none',
      { birthDate: '17.5.1970' },
      { dob: null, dob_text: '17.5.1970' },
      'dob',
    ],
    ['a day that does not exist', { birthDate: '1970-02-30' }, { dob: null }, 'dob'],
    ['a gender of its own', { gender: 'F' }, { gender: null }, 'gender'],
    [
      'an e-mail without @',
      { telecom: [{ system: 'email', value: 'none' }] },
      { email: null },
      'email',
    ],
    ['a name that is text', { name: ['Ada'] }, { name: null }, 'name'],
    [
      'a broken name beside a good one',
      { name: [{ use: 'official', given: 'Ada' }, { family: 'Example' }] },
      { name: 'Example' },
      'name.given',
    ],
  ];
  it.each(defective)('leaves out and counts %s', (_, given, expected, field) => {
    const { content, defects } = stored({ ...base, ...given });
    expect(content).toMatchObject(expected);
    expect(defects.map((defect) => defect.field)).toEqual([field]);
  });

  it('reads null as absent', () => {
    const record = stored({ ...base, active: null, name: null, meta: { security: null } });
    expect([record.state, record.content.name, record.defects]).toEqual(['active', null, []]);
  });

  const refused: readonly [string, object, string, string][] = [
    // extensibility.html, modifierExtension; resource.html, implicitRules
    [
      'a modifier extension',
      { modifierExtension: [{ url: 'urn:not' }] },
      'modifier',
      '/modifierExtension',
    ],
    [
      'a modifier extension of a link',
      { link: [{ type: 'seealso', modifierExtension: [{ url: 'urn:not' }] }] },
      'modifier',
      '/link/0/modifierExtension',
    ],
    ['implicit rules', { implicitRules: 'urn:rules' }, 'modifier', '/implicitRules'],
    ['an active that is no boolean', { active: 'false' }, 'structure', '/active'],
    ['a link that is no list', { link: {} }, 'structure', '/link'],
    ['no id', { id: undefined }, 'resource', '/id'],
    ['an id that no id can hold', { id: 'a\nb' }, 'contract', '/patient_id'],
    [
      'a merge into what no reference names',
      { link: [{ type: 'replaced-by', other: { reference: 'Patient?x=ä' } }] },
      'contract',
      '/replaced_by_patient_id',
    ],
    [
      'a security label that no label can be',
      { meta: { security: [{ code: 'ä' }] } },
      'contract',
      '/security_labels/0',
    ],
    ['a NUL', { name: [{ text: 'A\0' }] }, 'contract', ''],
    ['half a character', { name: [{ text: 'A\ud800' }] }, 'contract', ''],
  ];
  it.each(refused)('refuses %s', (_, given, rule, pointer) => {
    expect(refusal({ ...base, ...given })).toEqual({ rule, pointer });
  });

  it('takes its age from meta, where that tells one', () => {
    const versions = [
      { versionId: '3', lastUpdated: '2026-01-01T00:00:00Z' },
      { lastUpdated: 'x' },
    ];
    const found = versions.map((meta) => {
      const [mapping] = mapped(JSON.stringify({ ...base, meta }));
      return mapping?.kind === 'record' ? mapping.sourceVersion : mapping;
    });
    expect(found).toEqual(['063934444800.000000000/01.3', undefined]);
  });
});
