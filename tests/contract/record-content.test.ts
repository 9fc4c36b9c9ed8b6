/** A record's check and its text, which every load runs millions of times: fast, and no different for it. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Collection } from '../../src/contract/collections.js';
import { readContract } from '../../src/contract/contract.js';
import { isDate, isDateTime } from '../../src/contract/formats.js';
import { addLengths, jsonText, recordContentOf } from '../../src/contract/record-content.js';
describe('isDate', () => {
  it('knows the days of every month of four centuries', () => {
    for (let time = Date.UTC(1599, 0, 1); time < Date.UTC(2001, 0, 1); time += 86_400_000) {
      const text = new Date(time).toISOString().slice(0, 10);
      if (!isDate(text)) throw new Error(`${text} is a day`);
    }
  });

  const none = ['', '1900-02-29', '2100-02-29', '2023-02-29', '2024-02-30', '2024-04-31'];
  it.each([
    ...none,
    '2024-13-01',
    '2024-00-10',
    '2024-01-00',
    '2024-1-1',
    '2024-01-01T',
    '٢٠٢٤-٠١-٠١',
  ])('refuses %j', (text) => {
    expect([isDate(text), isDateTime(`${text}T00:00:00Z`)]).toEqual([false, false]);
  });

  it.each([
    ['+14:00', true],
    ['-13:59', true],
    ['+14:01', false],
    ['-23:59', false],
  ])('takes the offset %s: %s', (offset, isOffset) => {
    expect(isDateTime(`2024-01-01T00:00:00${offset}`)).toBe(isOffset);
  });

  it('takes exactly the days that Date takes', () => {
    const digits = fc.integer({ min: 0, max: 40 }).map((number) => String(number).padStart(2, '0'));
    const year = fc.integer({ min: 0, max: 9999 }).map((number) => String(number).padStart(4, '0'));
    fc.assert(
      fc.property(year, digits, digits, (y, m, d) => {
        const text = `${y}-${m}-${d}`;
        const day = new Date(`${text}T00:00:00Z`);
        const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
        expect(isDate(text)).toBe(isDay);
      }),
    );
  });
});

describe('jsonText', () => {
  it('is what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.double()), (value) => {
        expect(jsonText(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['\0', '"', '\\', '\u2028', '\ud800', '\ud83d\ude00', '\x7f', '/', 'é'])('%j', (text) => {
    expect(jsonText(`a${text}b`)).toBe(JSON.stringify(`a${text}b`));
  });

  it('writes null for what is not there', () => {
    expect([jsonText(undefined), jsonText(null)]).toEqual(['null', 'null']);
  });
});

describe('addLengths', () => {
  const schema = { type: 'string', minLength: 2, maxLength: 4 };
  const own = addLengths(new Ajv2020()).compile(schema);
  const plain = new Ajv2020().compile(schema);

  it('decides and says what Ajv does', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '😀', '\ud800', '\udc00'),
      maxLength: 7,
    });
    fc.assert(
      fc.property(text, (value) => {
        expect(own(value)).toBe(plain(value));
        expect(own.errors?.[0]?.message).toBe(plain.errors?.[0]?.message);
      }),
    );
  });
});

describe('recordContentOf', () => {
  const collections: readonly Collection[] = readContract().collections;

  it.each(collections.map((collection) => [collection.name, collection] as const))(
    '%s: writes all fields in the order of the contract, and no other',
    (_, collection) => {
      const content = { [collection.contentFields.at(-1) ?? '']: [], other: 1 };
      const expected = collection.contentFields.map((field) => [field, content[field] ?? null]);
      const text = recordContentOf(collection).serialise(content);
      expect(text).toBe(JSON.stringify(Object.fromEntries(expected)));
    },
  );
});
