/** Each collection's table follows from its record's schema: types, modes, tags, keys. */
import { describe, expect, it } from 'vitest';
import type { Collection } from '../../src/contract/collections.js';
import type { JsonSchema } from '../../src/contract/document.js';
import { readContract } from '../../src/contract/contract.js';
import { tablesOf } from '../../src/warehouse/table.js';

const { collections } = readContract();

function tableWith(property: JsonSchema) {
  const [patients] = collections;
  const recordSchema = { properties: { it: property }, required: ['it'] };
  const [table] = tablesOf([{ ...patients, recordSchema } as Collection]);
  return table?.schema;
}

describe('a table', () => {
  it('has a column for each field, in its order, and the id as its key', () => {
    const [patients, , labResults] = tablesOf(collections);
    expect(patients?.schema.map(({ name }) => name)).toEqual(
      Object.keys(collections[0]?.recordSchema.properties ?? {}),
    );
    expect(patients?.primaryKey).toEqual(['patient_id']);
    expect(labResults?.clustering).toEqual(['lab_result_id', 'patient_id', 'appointment_id']);
  });

  it.each<[string, JsonSchema, object]>([
    ['text', { type: 'string', 'x-phi': 'none' }, { type: 'STRING', mode: 'REQUIRED' }],
    [
      'text that may be absent',
      { type: ['string', 'null'], 'x-phi': 'direct' },
      { type: 'STRING', mode: 'NULLABLE', policyTag: 'direct' },
    ],
    [
      'a day',
      { type: 'string', format: 'date', 'x-phi': 'quasi' },
      { type: 'DATE', mode: 'REQUIRED', policyTag: 'quasi' },
    ],
    ['a time', { type: 'string', format: 'date-time' }, { type: 'TIMESTAMP', mode: 'REQUIRED' }],
    ['a count', { type: 'integer' }, { type: 'INTEGER', mode: 'REQUIRED' }],
    ['a number', { type: ['number', 'null'] }, { type: 'FLOAT', mode: 'NULLABLE' }],
    ['a truth', { type: 'boolean' }, { type: 'BOOLEAN', mode: 'REQUIRED' }],
    [
      'a list',
      { type: 'array', items: { type: 'string' }, 'x-phi': 'health' },
      { type: 'STRING', mode: 'REPEATED', policyTag: 'health' },
    ],
    [
      'an object, whose fields have the tags',
      {
        type: ['object', 'null'],
        'x-phi': 'direct',
        properties: { city: { type: 'string', 'x-phi': 'quasi' } },
      },
      {
        type: 'RECORD',
        mode: 'NULLABLE',
        fields: [
          { name: 'city', type: 'STRING', mode: 'NULLABLE', description: '', policyTag: 'quasi' },
        ],
      },
    ],
  ])('holds %s', (_, property, column) => {
    expect(tableWith(property)).toEqual([{ name: 'it', description: '', ...column }]);
  });

  it.each<[string, JsonSchema, RegExp]>([
    ['an array that may be null', { type: ['array', 'null'] }, /patients\.it .* only an empty one/],
    ['two types', { type: ['string', 'integer'] }, /patients\.it needs exactly one type/],
    [
      'arrays in an array',
      { type: 'array', items: { type: 'array' } },
      /no column holds array inside array/,
    ],
  ])('is refused for %s', (_, property, message) => {
    expect(() => tableWith(property)).toThrow(message);
  });
});
