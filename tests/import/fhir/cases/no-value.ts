/** Clinical cases of codes for "no value" in the place of a value: which are none, and which are findings. */
import { type Case, casesOf, type Fields } from './case.js';
import { noResult, plain } from './plain-result.js';

const { record } = casesOf(plain, noResult);
const flavor = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';
const reason = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
const coli = { system: 'http://snomed.info/sct', code: '112283007', display: 'E. coli' };
const coded = (value_text: string, value_code: string | null, value_system: string | null) => ({
  ...{ value_text, value_code, value_system },
});

/** What stands in the place of a value, and the fields of the result that differ. */
const nulls: readonly (readonly [string, object, Fields])[] = [
  [
    'OTH: the text is the finding',
    { coding: [{ system: flavor, code: 'OTH' }], text: 'E. coli' },
    coded('E. coli', 'OTH', flavor),
  ],
  [
    'OTH: another coding is the finding',
    { coding: [{ system: flavor, code: 'OTH', display: 'other' }, coli] },
    coded('E. coli', coli.code, coli.system),
  ],
  [
    'OTH: a local coding, too',
    {
      coding: [
        { system: flavor, code: 'OTH' },
        { system: 'urn:local', code: 'CA' },
      ],
    },
    coded('CA', 'CA', 'urn:local'),
  ],
  [
    'UNK: another coding says more, be it in words',
    {
      coding: [
        { system: flavor, code: 'UNK' },
        { system: 'urn:local', display: 'E. coli' },
      ],
    },
    coded('E. coli', null, null),
  ],
  ...['OTH', 'TRC', 'QS', 'PINF', 'NINF'].map(
    (code) =>
      [
        `${code} is a finding`,
        { coding: [{ system: flavor, code }] },
        coded(code, code, flavor),
      ] as const,
  ),
  ...['NI', 'INV', 'DER', 'UNC', 'MSK', 'NA', 'UNK', 'ASKU', 'NAV', 'NASK', 'NAVU', 'NP'].map(
    (code) =>
      [
        `${code} is no value`,
        { coding: [{ system: flavor, code }] },
        { absent_reason: code },
      ] as const,
  ),
  [
    'UNC: the text has no code yet',
    { coding: [{ system: flavor, code: 'UNC' }], text: 'E. coli' },
    coded('E. coli', 'UNC', flavor),
  ],
  [
    'UNK: a text that says no more',
    { coding: [{ system: flavor, code: 'UNK', display: 'Unbekannt' }], text: 'unbekannt.' },
    { absent_reason: 'UNK' },
  ],
  [
    'NAV: the words of its definition',
    { coding: [{ system: flavor, code: 'NAV' }], text: 'Temporarily unavailable' },
    { absent_reason: 'NAV' },
  ],
  [
    'by its object identifier',
    { coding: [{ system: 'urn:oid:2.16.840.1.113883.5.1008', code: 'UNK' }] },
    { absent_reason: 'UNK' },
  ],
  [
    'data-absent-reason: the text words the reason',
    { coding: [{ system: reason, code: 'error' }], text: 'Haemolysed' },
    { absent_reason: 'error' },
  ],
  [
    'data-absent-reason as-text: the text is the value',
    { coding: [{ system: reason, code: 'as-text' }], text: 'E. coli' },
    coded('E. coli', 'as-text', reason),
  ],
];

const reasons: readonly Case[] = [
  record(
    'observation.html#Observation.dataAbsentReason',
    'in words that no code can be stand with the notes',
    { dataAbsentReason: { text: 'hämolytisch' }, note: [{ text: 'Wiederholen.' }] },
    { note: 'Wiederholen.\nhämolytisch' },
    { defects: ['absent_reason'] },
  ),
];

const inPlaceOfValues: readonly Case[] = nulls.map(([name, valueCodeableConcept, differs]) =>
  record('v3/NullFlavor/cs.html', name, { valueCodeableConcept }, differs),
);

export const noValueCases: readonly Case[] = [...inPlaceOfValues, ...reasons];
