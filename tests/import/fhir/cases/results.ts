/** Clinical cases of laboratory Observations: whose they are, their values, ranges and times. */
import { type Case, casesOf, type Fields } from './case.js';
import { noResult, plain } from './plain-result.js';

const { record, rejected, several, skipped } = casesOf(plain, noResult);
const mmol = { unit: 'mmol/l', system: 'http://unitsofmeasure.org', code: 'mmol/L' };
const units = { unit: 'mmol/l', unit_code: 'mmol/L' };
const value = (digits: string, quantity: object = mmol) =>
  JSON.stringify({ ...plain, valueQuantity: { value: '#', ...quantity } }).replace('"#"', digits);

function written(name: string, digits: string, quantity: object, differs: Fields): Case {
  const page = 'datatypes.html#Quantity';
  return {
    ...{ name, rule: page, resource: value(digits, quantity) },
    expected: [{ state: 'active', record: { ...noResult, ...differs } }],
  };
}

const quantities: readonly Case[] = [
  written('digits as printed', '5.40', mmol, { value_number: 5.4, value_text: '5.40', ...units }),
  written(
    'below a limit',
    '0.010',
    { ...mmol, comparator: '<' },
    {
      ...{ value_comparator: '<', value_limit: 0.01, value_text: '<0.010', ...units },
    },
  ),
  written(
    'at most',
    '5',
    { ...mmol, comparator: '<=' },
    {
      ...{ value_comparator: '<=', value_limit: 5, value_text: '<=5', ...units },
    },
  ),
  written(
    'at least',
    '500',
    { ...mmol, comparator: '>=' },
    {
      ...{ value_comparator: '>=', value_limit: 500, value_text: '>=500', ...units },
    },
  ),
  written(
    'above',
    '1000',
    { ...mmol, comparator: '>' },
    {
      ...{ value_comparator: '>', value_limit: 1000, value_text: '>1000', ...units },
    },
  ),
  written('zero of two digits', '0.00', {}, { value_number: 0, value_text: '0.00' }),
  written('an exponent', '1.50e3', {}, { value_number: 1500, value_text: '1.50e3' }),
  written('beyond a double', '1e400', {}, { value_text: '1e400' }),
  written(
    'a unit in words alone',
    '1',
    { unit: 'Stück' },
    {
      ...{ value_number: 1, value_text: '1', unit: 'Stück' },
    },
  ),
  written(
    'UCUM by its object identifier (terminologies-systems.html)',
    '1',
    { system: 'urn:oid:2.16.840.1.113883.6.8', code: 'mmol/L', unit: 'mmol/l' },
    { value_number: 1, value_text: '1', ...units },
  ),
  written(
    'a unit of another system is no UCUM',
    '1',
    { system: 'urn:u', code: 'x', unit: 'X' },
    {
      ...{ value_number: 1, value_text: '1', unit: 'X' },
    },
  ),
  record(
    'datatypes.html#Quantity',
    'a comparator without a number bounds nothing',
    { valueQuantity: { comparator: '<', ...mmol } },
    units,
  ),
  rejected(
    'valueset-quantity-comparator.html',
    'a comparator that nobody knows',
    { valueQuantity: { value: 1, comparator: '~' } },
    'contract',
    '/value_comparator',
  ),
];

const concept = (system: string, code: string, display?: string) => ({
  valueCodeableConcept: { coding: [{ system, code, ...(display !== undefined && { display }) }] },
});

const otherValues: readonly Case[] = [
  record(
    'datatypes.html#CodeableConcept',
    'SNOMED CT before local, the text as written',
    {
      valueCodeableConcept: {
        text: 'E. coli',
        coding: [
          { system: 'urn:local', code: 'ec', display: 'EC' },
          { system: 'http://snomed.info/sct', code: '112283007', display: 'Escherichia coli' },
        ],
      },
    },
    { value_text: 'E. coli', value_code: '112283007', value_system: 'http://snomed.info/sct' },
  ),
  record(
    'datatypes.html#CodeableConcept',
    'a code alone is its own text',
    concept('urn:local', 'POS'),
    { value_text: 'POS', value_code: 'POS', value_system: 'urn:local' },
  ),
  ...[
    'http://terminology.hl7.org/CodeSystem/data-absent-reason',
    'http://terminology.hl7.org/CodeSystem/v3-NullFlavor',
  ].map((system) =>
    record(
      'observation.html#Observation.dataAbsentReason',
      `a code for no value is none (${system})`,
      concept(system, 'unknown', 'Unknown'),
      { absent_reason: 'unknown' },
    ),
  ),
  ...(
    [
      ['valueString', '<5 CFU', '<5 CFU'],
      ['valueBoolean', false, 'false'],
      ['valueTime', '12:30:00', '12:30:00'],
      ['valueDateTime', '2026-01', '2026-01'],
      ['valuePeriod', { start: '2026-01-01', end: '2026-01-02' }, '2026-01-01/2026-01-02'],
      ['valuePeriod', { end: '2026-01-02' }, '/2026-01-02'],
      ['valueSampledData', { origin: { value: 0 }, period: 1, dimensions: 1, data: '1 E' }, '1 E'],
      ['valueRatio', { numerator: { value: 1 }, denominator: { value: 128 } }, '1:128'],
    ] as const
  ).map(([name, given, text]) =>
    record(
      'observation.html#Observation.value[x]',
      `${name} ${text}`,
      { [name]: given },
      {
        value_text: text,
      },
    ),
  ),
  record(
    'observation.html#Observation.value[x]',
    'valueInteger is a number',
    { valueInteger: 7 },
    { value_number: 7, value_text: '7' },
  ),
  record(
    'datatypes.html#Range',
    'a range is no number',
    { valueRange: { low: { value: 5, ...mmol }, high: { value: 10, ...mmol } } },
    { value_text: '5 - 10 mmol/l', ...units },
  ),
  record(
    'observation.html#Observation.dataAbsentReason',
    'has its own field',
    { dataAbsentReason: { coding: [{ code: 'not-performed' }], text: 'Not done' } },
    { absent_reason: 'not-performed' },
  ),
  record(
    'observation.html#Observation.dataAbsentReason',
    'in words',
    { dataAbsentReason: { text: 'Hemolysed' } },
    { absent_reason: 'Hemolysed' },
  ),
  rejected(
    'observation.html, constraint obs-6',
    'a value and a reason for its absence',
    { valueInteger: 7, dataAbsentReason: { coding: [{ code: 'error' }] } },
    'structure',
    '',
  ),
  rejected(
    'formats.html#choice',
    'two values',
    { valueInteger: 7, valueString: '7' },
    'structure',
    '',
  ),
  rejected(
    'R5 observation.html#Observation.value[x]',
    'a value that R4 has not',
    { valueAttachment: {} },
    'structure',
    '',
  ),
];

const range = (referenceRange: readonly object[]) => ({ valueInteger: 4, referenceRange });
const four: Fields = { value_number: 4, value_text: '4' };

const ranges: readonly Case[] = [
  record(
    'observation.html#Observation.referenceRange',
    'one normal range in the unit of the value',
    {
      valueQuantity: { value: 4, ...mmol },
      referenceRange: [{ low: { value: 3.5, ...mmol }, high: { value: 5.1, ...mmol } }],
    },
    {
      ...four,
      ...units,
      reference_low: 3.5,
      reference_high: 5.1,
      reference_text: '3.5 - 5.1 mmol/l',
    },
  ),
  record(
    'observation.html#Observation.referenceRange',
    'in another unit',
    {
      valueQuantity: { value: 4, ...mmol },
      referenceRange: [{ low: { value: 14, unit: 'mg/dL' } }],
    },
    { ...four, ...units, reference_text: '>= 14 mg/dL' },
  ),
  record(
    'observation.html#Observation.referenceRange',
    'with a unit that the value has not',
    range([{ low: { value: 3, unit: 'mmol/L' } }]),
    { ...four, reference_text: '>= 3 mmol/L' },
  ),
  record(
    'observation.html#Observation.referenceRange',
    'two normal ranges',
    range([{ low: { value: 3 } }, { high: { value: 6 } }]),
    { ...four, reference_text: '>= 3; <= 6' },
  ),
  record(
    'observation.html#Observation.referenceRange.type',
    'a therapeutic range is not the normal one',
    range([
      { type: { coding: [{ code: 'therapeutic' }], text: 'Therapeutic' }, low: { value: 3 } },
    ]),
    { ...four, reference_text: 'Therapeutic: >= 3' },
  ),
  record(
    'observation.html#Observation.referenceRange.text',
    'in words',
    range([{ text: 'negative' }]),
    { ...four, reference_text: 'negative' },
  ),
  rejected(
    'extensibility.html#modifierExtension',
    'of a range',
    range([{ modifierExtension: [{ url: 'urn:not' }] }]),
    'modifier',
    '/referenceRange/0/modifierExtension',
  ),
];

const donor = { resourceType: 'Patient', id: 'd' };
const specimen = (facts: object) => ({
  specimen: { reference: '#s' },
  contained: [{ resourceType: 'Specimen', id: 's', type: { text: 'Plasma' }, ...facts }],
});

const subjects: readonly Case[] = [
  ...['Device/1', 'Group/1', 'Location/1'].map((reference) =>
    rejected(
      'observation.html#Observation.subject',
      reference,
      { subject: { reference } },
      'subject',
      '/subject',
    ),
  ),
  rejected(
    'observation.html#Observation.focus',
    'a donor',
    { focus: [{ reference: 'Patient/p2' }] },
    'subject',
    '/focus',
  ),
  rejected(
    'extension-observation-focuscode.html',
    'a fetus',
    {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/observation-focusCode',
          valueCodeableConcept: { text: 'fetus' },
        },
      ],
    },
    'subject',
    '/extension',
  ),
  rejected(
    'specimen.html#Specimen.subject',
    "another's specimen",
    {
      specimen: { reference: '#s' },
      contained: [{ resourceType: 'Specimen', id: 's', subject: { reference: '#d' } }, donor],
    },
    'subject',
    '/contained',
  ),
  record(
    'specimen.html#Specimen.subject',
    'the same patient by another form of reference',
    specimen({ subject: { reference: 'https://ehr.example.org/fhir/Patient/p1' } }),
    { specimen: 'Plasma' },
  ),
  rejected(
    'observation.html#Observation.status',
    'none',
    { status: undefined },
    'structure',
    '/status',
  ),
  record(
    'observation.html#Observation.status',
    'entered-in-error: what was a value is gone',
    {
      ...{ status: 'entered-in-error', valueQuantity: { value: 4, ...mmol } },
      ...{ interpretation: [{ coding: [{ code: 'H' }] }], note: [{ text: 'was 4' }] },
    },
    { status: 'entered-in-error' },
    { state: 'retracted' },
  ),
  rejected(
    'extensibility.html#modifierExtension',
    'of a contained specimen',
    specimen({ modifierExtension: [{ url: 'urn:not' }] }),
    'modifier',
    '/contained/0/modifierExtension',
  ),
];

const collected = '2026-01-11T08:00:00Z';
const times: readonly Case[] = [
  record(
    'specimen.html#Specimen.collection.collected[x]',
    'before effective[x]',
    {
      ...specimen({ collection: { collectedDateTime: collected } }),
      effectiveDateTime: '2026-01-12T08:00:00Z',
    },
    { specimen: 'Plasma', collected_ts: collected, collected_text: collected },
  ),
  several(
    'specimen.html#Specimen.collection.collected[x]',
    'of a specimen of its own',
    {
      ...{ resourceType: 'Specimen', id: 's', type: { text: 'Plasma' } },
      collection: { collectedPeriod: { start: collected } },
    },
    [
      { skipped: 'Specimen' },
      {
        says: { specimen: 'Plasma', collected_ts: collected, collected_text: `${collected}/` },
        of: [],
      },
    ],
  ),
  several(
    'specimen.html#Specimen.status',
    'a specimen of its own that was entered in error says nothing',
    { resourceType: 'Specimen', id: 's', status: 'entered-in-error', type: { text: 'Plasma' } },
    [{ skipped: 'Specimen' }, { says: {}, of: [] }],
  ),
  rejected(
    'extensibility.html#modifierExtension',
    'of a specimen of its own',
    { resourceType: 'Specimen', id: 's', collection: { modifierExtension: [{ url: 'urn:not' }] } },
    'modifier',
    '/collection/modifierExtension',
  ),
  record(
    'specimen.html#Specimen.status',
    'a specimen entered in error says nothing',
    {
      ...specimen({ status: 'entered-in-error', collection: { collectedDateTime: collected } }),
      effectiveDateTime: '2026-01-12',
    },
    { collected_text: '2026-01-12' },
  ),
  record(
    'datatypes.html#dateTime',
    'a day is not midnight',
    { effectiveDateTime: '2026-01-12' },
    { collected_text: '2026-01-12' },
  ),
  record(
    'observation.html#Observation.effective[x]',
    'a period begins',
    { effectivePeriod: { start: collected, end: '2026-01-12' } },
    { collected_ts: collected, collected_text: `${collected}/2026-01-12` },
  ),
  record(
    'observation.html#Observation.effective[x]',
    'an instant, and when it was issued',
    { effectiveInstant: collected, issued: '2026-01-12T11:00:00.8251234-05:00' },
    {
      ...{ collected_ts: collected, collected_text: collected },
      reported_ts: '2026-01-12T11:00:00.825123-05:00',
    },
  ),
  record(
    'datatypes.html#Period',
    'an end of the collection that cannot be read leaves its start',
    { effectivePeriod: { start: collected, end: 7 } },
    { collected_ts: collected, collected_text: `${collected}/` },
    { defects: ['effectivePeriod.end'] },
  ),
  rejected(
    'datatypes.html#Timing',
    'a modifier',
    { effectiveTiming: { event: [collected], modifierExtension: [{ url: 'urn:not' }] } },
    'modifier',
    '/effectiveTiming/modifierExtension',
  ),
  record(
    'datatypes.html#Timing',
    'one event',
    { effectiveTiming: { event: [collected] } },
    { collected_ts: collected, collected_text: collected },
  ),
];

const part = (code: string, given: object) => ({ code: { coding: [{ code }] }, ...given });
const ofPanel = (key: string, code: string, differs: Fields): Fields => ({
  ...noResult,
  ...{ lab_result_id: `ehr:Observation:o1~${key}`, source_id: `o1~${key}` },
  ...{ panel_id: 'ehr:Observation:o1', test_code: code, test_system: null, test_name: null },
  ...differs,
});
const panelOnly = { skipped: 'Observation (panel without a value)' };
const active = (fields: Fields) => ({ state: 'active', record: fields });

const panels: readonly Case[] = [
  several(
    'observation.html#obsgrouping',
    'components by code and occurrence',
    { component: [part('a', { valueInteger: 1 }), part('a', { valueInteger: 2 }), part('b', {})] },
    [
      panelOnly,
      active(ofPanel('a', 'a', { value_number: 1, value_text: '1' })),
      active(ofPanel('a~2', 'a', { value_number: 2, value_text: '2' })),
      active(ofPanel('b', 'b', {})),
    ],
  ),
  several(
    'observation.html#obsgrouping',
    'a code that looks like an occurrence is none',
    { component: [part('a~2', { valueInteger: 1 })] },
    [panelOnly, active(ofPanel('a%7E2', 'a~2', { value_number: 1, value_text: '1' }))],
  ),
  several(
    'observation.html#obsgrouping',
    'a parent with a value is a result too',
    { valueString: 'see parts', component: [part('a', { valueInteger: 1 })] },
    [
      active({ ...noResult, value_text: 'see parts' }),
      active(ofPanel('a', 'a', { value_number: 1, value_text: '1' })),
    ],
  ),
  several(
    'observation.html#Observation.hasMember',
    'a parent of members without a value is their panel, and no result',
    { hasMember: [{ reference: 'Observation/o2' }, { reference: 'QuestionnaireResponse/q' }] },
    [panelOnly, { says: { panel_id: 'ehr:Observation:o1' }, of: ['ehr:Observation:o2'] }],
  ),
  several(
    'observation.html#Observation.status',
    'a parent entered in error has no members',
    { status: 'entered-in-error', hasMember: [{ reference: 'Observation/o2' }] },
    [
      { state: 'retracted', record: { ...noResult, status: 'entered-in-error' } },
      { says: { panel_id: 'ehr:Observation:o1' }, of: [] },
    ],
  ),
  several(
    'observation.html#Observation.component',
    'a component that names no test',
    { component: [{ code: {}, valueInteger: 1 }, part('a', {})] },
    [panelOnly, { rejected: 'structure', at: '/component/0/code' }, active(ofPanel('a', 'a', {}))],
  ),
  several(
    'observation.html#Observation.component',
    'a component with a reason for its absence',
    { component: [part('a', { dataAbsentReason: { coding: [{ code: 'error' }] } })] },
    [panelOnly, active(ofPanel('a', 'a', { absent_reason: 'error' }))],
  ),
  rejected(
    'extensibility.html#modifierExtension',
    'of a component',
    { component: [part('a', { modifierExtension: [{ url: 'urn:not' }] })] },
    'modifier',
    '/component/0/modifierExtension',
  ),
];

const categories: readonly Case[] = [
  ...(
    [
      ['http://hl7.org/fhir/observation-category', 'laboratory'],
      ['http://terminology.hl7.org/CodeSystem/v2-0074', 'CH'],
      ['http://snomed.info/sct', '108252007'],
      ['http://loinc.org', '18719-5'],
      ['urn:local', 'LAB'],
      // Each of table 0074 that a laboratory does.
      ...['OSL', 'PAR', 'PAT', 'SP', 'URN'].map(
        (section) => ['http://terminology.hl7.org/CodeSystem/v2-0074', section] as const,
      ),
      ['urn:oid:2.16.840.1.113883.12.74', 'PAR'],
      ['http://snomed.info/sct', '49581000146104'],
    ] as const
  ).map(([system, code]) =>
    record(
      'observation.html#Observation.category',
      `${system}|${code}`,
      { category: [{ coding: [{ system: 'urn:x', code: 'y' }] }, { coding: [{ system, code }] }] },
      {},
    ),
  ),
  ...(
    [
      [
        'a local code, called so in words',
        { coding: [{ system: 'urn:local', code: 'L' }], text: 'Laboratory' },
      ],
      [
        'a local code that is displayed so',
        { coding: [{ system: 'urn:local', code: 'L', display: 'Lab ' }] },
      ],
    ] as const
  ).map(([name, category]) =>
    record('observation.html#Observation.category', name, { category: [category] }, {}),
  ),
  skipped(
    'valueset-observation-category.html',
    'vital signs in code, whatever the words say',
    { category: [{ coding: [{ code: 'vital-signs' }], text: 'Laboratory' }] },
    'Observation (not laboratory)',
  ),
  skipped(
    'observation.html#Observation.category',
    'one that nobody knows, of a test of the laboratory',
    { category: [{ coding: [{ system: 'urn:local', code: 'x' }] }] },
    'Observation (perhaps laboratory)',
  ),
  skipped(
    'valueset-diagnostic-service-sections.html',
    'radiology',
    {
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'RAD' }] },
      ],
    },
    'Observation (not laboratory)',
  ),
  skipped(
    'valueset-observation-category.html',
    'vital signs',
    { category: [{ coding: [{ code: 'vital-signs' }] }], modifierExtension: [{}] },
    'Observation (not laboratory)',
  ),
  skipped(
    'observation.html#Observation.category',
    'none, but a test of the laboratory',
    { category: undefined },
    'Observation (perhaps laboratory)',
  ),
];

const others: readonly Case[] = [
  record(
    'observation.html#Observation.interpretation',
    "HL7's code before a local one",
    {
      interpretation: [
        {
          coding: [
            { system: 'urn:local', code: '+' },
            {
              system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
              code: 'H',
            },
          ],
        },
      ],
    },
    { interpretation_codes: ['H'] },
  ),
  record(
    'datatypes.html#CodeableConcept',
    'LOINC before SNOMED CT before local',
    {
      code: {
        coding: [
          { system: 'urn:local', code: 'K' },
          { system: 'http://snomed.info/sct', code: '59573005' },
          { system: 'http://loinc.org', code: '2823-3' },
        ],
        text: 'K+ (serum)',
      },
    },
    { test_name: 'K+ (serum)' },
  ),
  rejected('observation.html#Observation.code', 'no test', { code: {} }, 'structure', '/code'),
  record(
    'observation.html#Observation.encounter',
    'of a conditional reference',
    { encounter: { reference: 'Encounter?identifier=urn:v|3' } },
    { appointment_id: 'ehr:Encounter:?identifier=urn:v|3' },
    { defects: ['appointment_id'] },
  ),
  record(
    'datatypes.html#Annotation',
    'notes, line by line',
    { note: [{ text: 'Fasting.' }, { text: 'Repeat.' }] },
    { note: 'Fasting.\nRepeat.' },
  ),
  record(
    'datatypes.html#instant',
    'issued at no readable time',
    { issued: 'today' },
    {},
    { defects: ['reported_ts'] },
  ),
];

export const resultCases: readonly Case[] = [
  ...quantities,
  ...otherValues,
  ...ranges,
  ...subjects,
  ...times,
  ...panels,
  ...categories,
  ...others,
];
