/** Observation → lab_results: each case names the page of FHIR R4 (hl7.org/fhir/R4) that it is drawn from. */
import { describe, expect, it } from 'vitest';
import { mapped, refusal, stored } from './mapped.js';

const laboratory = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
  ],
};
const base = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  category: [laboratory],
  code: { coding: [{ system: 'http://loinc.org', code: '2823-3', display: 'Potassium' }] },
  subject: { reference: 'Patient/p1' },
};
const mmol = { unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' };
const noValue = {
  value_number: null,
  value_comparator: null,
  value_limit: null,
  value_text: null,
  value_code: null,
  value_system: null,
  unit: null,
  unit_code: null,
};

/** The resource's text with a quantity's number written as given. */
function withNumber(digits: string, quantity: object = {}): string {
  const text = JSON.stringify({ ...base, valueQuantity: { value: 'DIGITS', ...quantity } });
  return text.replace('"DIGITS"', digits);
}

describe('mapObservation', () => {
  it('gives the whole record, every field stated', () => {
    const record = stored({
      ...base,
      encounter: { reference: 'Encounter/e1' },
      effectiveDateTime: '2026-01-12T09:05:00-05:00',
      issued: '2026-01-12T11:00:00.825-05:00',
      valueQuantity: { value: 4.1, ...mmol },
      interpretation: [
        {
          coding: [
            { code: 'norm' },
            {
              system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
              code: 'N',
            },
          ],
        },
      ],
      note: [{ text: 'Fasting.' }, { text: 'Repeat.' }],
      specimen: { display: 'Serum' },
      referenceRange: [{ low: { value: 3.5, ...mmol }, high: { value: 5.1, ...mmol } }],
    });
    expect(record).toEqual({
      content: {
        lab_result_id: 'ehr:Observation:o1',
        patient_id: 'ehr:Patient:p1',
        appointment_id: 'ehr:Encounter:e1',
        panel_id: null,
        test_code: '2823-3',
        test_system: 'http://loinc.org',
        test_name: 'Potassium',
        ...noValue,
        value_number: 4.1,
        value_text: '4.1',
        unit: 'mmol/L',
        unit_code: 'mmol/L',
        absent_reason: null,
        reference_low: 3.5,
        reference_high: 5.1,
        reference_text: '3.5 - 5.1 mmol/L',
        interpretation_codes: ['N'],
        note: 'Fasting.\nRepeat.',
        specimen: 'Serum',
        status: 'final',
        collected_ts: '2026-01-12T09:05:00-05:00',
        collected_text: '2026-01-12T09:05:00-05:00',
        reported_ts: '2026-01-12T11:00:00.825-05:00',
        source: 'ehr',
        source_type: 'Observation',
        source_id: 'o1',
        security_labels: [],
      },
      state: 'active',
      defects: [],
    });
  });

  // datatypes.html, Quantity: a comparator makes the number a bound; decimal: the digits are a part of the value.
  const numbers: readonly [string, object, number | null, string, number | null, string | null][] =
    [
      ['5.40', {}, 5.4, '5.40', null, null],
      ['100', {}, 100, '100', null, null],
      ['-0.0', {}, 0, '-0.0', null, null],
      ['1e3', {}, 1000, '1e3', null, null],
      ['0.12345678901234567890', {}, 0.12345678901234568, '0.12345678901234567890', null, null],
      ['1e400', {}, null, '1e400', null, null],
      ['0.01', { comparator: '<' }, null, '<0.01', 0.01, '<'],
      ['0.010', { comparator: '<=' }, null, '<=0.010', 0.01, '<='],
      ['500', { comparator: '>=' }, null, '>=500', 500, '>='],
      ['1000', { comparator: '>' }, null, '>1000', 1000, '>'],
    ];
  it.each(numbers)(
    'a quantity written %s %j',
    (digits, quantity, number, text, limit, comparator) => {
      const { content } = stored(withNumber(digits, quantity));
      expect(content).toMatchObject({
        value_number: number,
        value_text: text,
        value_limit: limit,
        value_comparator: comparator,
      });
    },
  );

  // observation.html, Observation.value[x]
  const values: readonly [string, object, object][] = [
    [
      'a unit without UCUM',
      { valueQuantity: { value: 1, unit: 'Stück' } },
      { value_number: 1, value_text: '1', unit: 'Stück' },
    ],
    [
      'a unit as code only',
      { valueQuantity: { value: 1, system: mmol.system, code: 'mmol/L' } },
      { value_number: 1, value_text: '1', unit: 'mmol/L', unit_code: 'mmol/L' },
    ],
    [
      'a concept, SNOMED CT before local',
      {
        valueCodeableConcept: {
          text: 'E. coli',
          coding: [
            { system: 'urn:local', code: 'ec' },
            { system: 'http://snomed.info/sct', code: '112283007', display: 'Escherichia coli' },
          ],
        },
      },
      { value_text: 'E. coli', value_code: '112283007', value_system: 'http://snomed.info/sct' },
    ],
    [
      'a concept of text',
      { valueCodeableConcept: { text: 'Positive' } },
      { value_text: 'Positive' },
    ],
    ['a string', { valueString: '<5 CFU' }, { value_text: '<5 CFU' }],
    ['a boolean', { valueBoolean: false }, { value_text: 'false' }],
    ['an integer', { valueInteger: 7 }, { value_number: 7, value_text: '7' }],
    [
      'a range',
      { valueRange: { low: { value: 5, ...mmol }, high: { value: 10, ...mmol } } },
      { value_text: '5 - 10 mmol/L', unit: 'mmol/L', unit_code: 'mmol/L' },
    ],
    [
      'a ratio',
      { valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } },
      { value_text: '1:128' },
    ],
    [
      'a titer below',
      { valueRatio: { numerator: { value: 1 }, denominator: { value: 8, comparator: '<' } } },
      { value_text: '1:<8' },
    ],
    ['a time', { valueTime: '12:30:00' }, { value_text: '12:30:00' }],
    ['a date', { valueDateTime: '2026-01' }, { value_text: '2026-01' }],
    [
      'a period',
      { valuePeriod: { start: '2026-01-01', end: '2026-01-02' } },
      { value_text: '2026-01-01/2026-01-02' },
    ],
    [
      'samples',
      { valueSampledData: { origin: { value: 0 }, period: 1, dimensions: 1, data: '1 2 E' } },
      { value_text: '1 2 E' },
    ],
    ['no value', {}, {}],
  ];
  it.each(values)('a value: %s', (_, given, expected) => {
    const { content, defects } = stored({ ...base, ...given });
    expect({ ...content, defects }).toMatchObject({ ...noValue, ...expected, defects: [] });
  });

  const fields: readonly [string, object, object][] = [
    // observation.html, dataAbsentReason
    [
      'an absent value',
      { dataAbsentReason: { coding: [{ code: 'not-performed' }] } },
      { ...noValue, absent_reason: 'not-performed' },
    ],
    // observation.html, referenceRange
    [
      'one bound',
      { valueQuantity: { value: 1, ...mmol }, referenceRange: [{ high: { value: 200, ...mmol } }] },
      { reference_low: null, reference_high: 200, reference_text: '<= 200 mmol/L' },
    ],
    [
      'a range in another unit',
      {
        valueQuantity: { value: 1, ...mmol },
        referenceRange: [{ low: { value: 60, unit: 'mg/dL' }, high: { value: 99, unit: 'mg/dL' } }],
      },
      { reference_low: null, reference_high: null, reference_text: '60 - 99 mg/dL' },
    ],
    [
      'a range beside a therapeutic one',
      {
        referenceRange: [
          { low: { value: 1 }, high: { value: 2 } },
          { type: { coding: [{ code: 'therapeutic' }], text: 'Therapeutic' }, low: { value: 3 } },
        ],
      },
      { reference_low: 1, reference_high: 2, reference_text: '1 - 2; Therapeutic: >= 3' },
    ],
    [
      'ranges by sex',
      {
        referenceRange: [
          { appliesTo: [{ text: 'female' }], low: { value: 12 } },
          { appliesTo: [{ text: 'male' }], low: { value: 14 } },
        ],
      },
      { reference_low: null, reference_text: 'female: >= 12; male: >= 14' },
    ],
    [
      'a range in words',
      { referenceRange: [{ text: 'negative' }] },
      { reference_low: null, reference_high: null, reference_text: 'negative' },
    ],
    // datatypes.html, CodeableConcept: LOINC before SNOMED CT before local
    [
      'a test of several codes',
      {
        code: {
          text: 'K+',
          coding: [
            { system: 'urn:l', code: 'K' },
            { system: 'http://snomed.info/sct', code: '59573005' },
            { system: 'http://loinc.org', code: '2823-3' },
          ],
        },
      },
      { test_code: '2823-3', test_system: 'http://loinc.org', test_name: 'K+' },
    ],
    // observation.html, effective[x]
    [
      'a day of collection',
      { effectiveDateTime: '2026-01-12' },
      { collected_ts: null, collected_text: '2026-01-12' },
    ],
    [
      'a period of collection',
      { effectivePeriod: { start: '2026-01-12T09:00:00Z', end: '2026-01-13T09:00:00Z' } },
      {
        collected_ts: '2026-01-12T09:00:00Z',
        collected_text: '2026-01-12T09:00:00Z/2026-01-13T09:00:00Z',
      },
    ],
    [
      'a contained specimen (references.html, contained)',
      {
        effectiveDateTime: '2026-01-12',
        specimen: { reference: '#s' },
        contained: [
          { resourceType: 'Organization', type: [{ text: 'Laboratory' }] },
          {
            resourceType: 'Specimen',
            id: 's',
            type: { text: 'Plasma' },
            collection: { collectedDateTime: '2026-01-11T08:00:00Z' },
          },
        ],
      },
      { specimen: 'Plasma', collected_ts: '2026-01-11T08:00:00Z' },
    ],
    [
      'an interpretation in words',
      { interpretation: [{ text: 'High' }] },
      { interpretation_codes: [] },
    ],
  ];
  it.each(fields)('stores %s', (_, given, expected) => {
    const { content, defects } = stored({ ...base, ...given });
    expect({ ...content, defects }).toMatchObject({ ...expected, defects: [] });
  });

  it('is retracted when entered in error, all that was a value taken away', () => {
    const { state, content } = stored({
      ...base,
      status: 'entered-in-error',
      valueQuantity: { value: 4.1, comparator: '<', ...mmol },
      interpretation: [{ coding: [{ code: 'H' }] }],
      note: [{ text: 'was 4.1' }],
    });
    expect(state).toBe('retracted');
    expect(content).toMatchObject({
      ...noValue,
      interpretation_codes: [],
      note: null,
      test_code: '2823-3',
    });
  });

  describe('panels (observation.html, Observation Grouping)', () => {
    const systolic = { code: { coding: [{ code: 'a' }] }, valueInteger: 1 };

    it('gives a record for each component, named by code and occurrence', () => {
      const panel = {
        ...base,
        component: [systolic, { ...systolic, valueInteger: 2 }, { code: { text: 'b c' } }],
      };
      const found = mapped(JSON.stringify(panel)).map((mapping) =>
        mapping.kind === 'record'
          ? [mapping.id, 'panel_id' in mapping.content && mapping.content.panel_id]
          : mapping,
      );
      expect(found).toEqual([
        { kind: 'skipped', type: 'Observation (panel without a value)' },
        ['ehr:Observation:o1~a', 'ehr:Observation:o1'],
        ['ehr:Observation:o1~a~2', 'ehr:Observation:o1'],
        ['ehr:Observation:o1~b%20c', 'ehr:Observation:o1'],
      ]);
    });

    it('keeps a parent that has a value of its own', () => {
      const panel = { ...base, valueString: 'see parts', component: [systolic] };
      expect(mapped(JSON.stringify(panel)).map(({ kind }) => kind)).toEqual(['record', 'record']);
    });

    it('takes a parent of members without a value for no result', () => {
      const panel = { ...base, hasMember: [{ reference: 'Observation/o2' }] };
      expect(mapped(JSON.stringify(panel)).map(({ kind }) => kind)).toEqual(['skipped', 'fact']);
    });

    it('refuses a component without a code, and keeps the others', () => {
      const panel = { ...base, component: [{ code: {} }, systolic] };
      expect(mapped(JSON.stringify(panel))).toMatchObject([
        { kind: 'skipped' },
        { kind: 'rejected', pointer: '/component/0/code' },
        { kind: 'record' },
      ]);
    });
  });

  const refused: readonly [string, object, string, string][] = [
    // observation.html, subject and focus
    ['a device', { subject: { reference: 'Device/1' } }, 'subject', '/subject'],
    ['no subject', { subject: undefined }, 'subject', '/subject'],
    ['a donor in focus', { focus: [{ reference: 'Patient/p2' }] }, 'subject', '/focus'],
    [
      'a number that is text',
      { valueQuantity: { value: '4.1' } },
      'structure',
      '/valueQuantity/value',
    ],
    [
      'a comparator that is none',
      { valueQuantity: { value: 4.1, comparator: '~' } },
      'contract',
      '/value_comparator',
    ],
    ['two values', { valueString: 'a', valueInteger: 1 }, 'structure', ''],
    ['a value of R5', { valueAttachment: {} }, 'structure', ''],
    [
      'a unit that is too long',
      { valueQuantity: { value: 1, unit: 'x'.repeat(200) } },
      'contract',
      '/unit',
    ],
    ['a test without a name', { code: {} }, 'structure', '/code'],
    [
      'a changed component',
      { component: [{ modifierExtension: [{}] }] },
      'modifier',
      '/component/0/modifierExtension',
    ],
    [
      'a changed range',
      { referenceRange: [{ modifierExtension: [{}] }] },
      'modifier',
      '/referenceRange/0/modifierExtension',
    ],
    ['a category that is broken', { category: 'laboratory' }, 'structure', '/category'],
  ];
  it.each(refused)('refuses %s', (_, given, rule, pointer) => {
    expect(refusal({ ...base, ...given })).toEqual({ rule, pointer });
  });

  const others: readonly [string, unknown][] = [
    ['vital signs', [{ coding: [{ code: 'vital-signs' }] }]],
  ];
  it.each(others)('skips an Observation of %s', (_, category) => {
    expect(mapped(JSON.stringify({ ...base, category, modifierExtension: [{}] }))).toEqual([
      { kind: 'skipped', type: 'Observation (not laboratory)' },
    ]);
  });

  it.each(['LAB', '108252007'])('takes the category %s for the laboratory', (code) => {
    expect(stored({ ...base, category: [{ text: 'x' }, { coding: [{ code }] }] }).state).toBe(
      'active',
    );
  });
});

describe('mapResource', () => {
  const refused: readonly [string, string][] = [
    ['null', ''],
    ['[]', ''],
    ['7', ''],
    ['{}', '/resourceType'],
    ['{"resourceType":7}', '/resourceType'],
    ['{"resourceType":"Ada Example"}', '/resourceType'],
  ];
  it.each(refused)('refuses %s', (text, pointer) => {
    expect(mapped(text)).toMatchObject([{ kind: 'rejected', rule: 'resource', pointer }]);
  });

  it.each(['Condition', 'DiagnosticReport', 'constructor'.replace('c', 'C')])(
    'skips %s',
    (type) => {
      expect(mapped(JSON.stringify({ resourceType: type }))).toEqual([{ kind: 'skipped', type }]);
    },
  );
});
