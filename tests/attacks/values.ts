/** Values that a parameter's schema allows, and values that break exactly one of its rules. */
import fc from 'fast-check';
import type { JsonSchema, Parameter } from '../../src/contract/document.js';

/** Texts as they are sent. */
export function allowed({ schema }: Parameter): fc.Arbitrary<string> {
  if (schema.type === 'integer') {
    return fc.integer({ min: Number(schema.minimum), max: Number(schema.maximum) }).map(String);
  }
  if (schema.type === 'boolean') return fc.constantFrom('true', 'false');
  if (schema.format === 'date-time') return time;
  return fc.stringMatching(patternOf(schema)).filter((text) => fits(schema, text));
}

export function broken({ schema }: Parameter): fc.Arbitrary<string> {
  if (schema.type === 'integer') return brokenInteger(schema);
  if (schema.type === 'boolean') return fc.constantFrom('TRUE', '1', 'yes', '', 'null', 'true ');
  if (schema.format === 'date-time') return fc.constantFrom(...brokenTimes);
  return fc
    .oneof(
      // Too long by at least one, and right in every other way.
      fc.constant('a').map((first) => first.repeat(Number(schema.maxLength) + 1)),
      fc.constantFrom('é', ' ', '\t', '\u0000', '😀', '\\', '"').map((odd) => `a${odd}`),
    )
    .filter((text) => !fits(schema, text));
}

function brokenInteger({ minimum, maximum }: JsonSchema): fc.Arbitrary<string> {
  return fc.oneof(
    fc.integer({ min: -1_000_000, max: Number(minimum) - 1 }).map(String),
    fc.integer({ min: Number(maximum) + 1, max: 2_000_000_000 }).map(String),
    fc.constantFrom(
      '1e2',
      '0x10',
      ' 5',
      '5 ',
      '+5',
      '1.0',
      '',
      'ten',
      '٣',
      '1_0',
      'NaN',
      '9'.repeat(40),
    ),
  );
}

const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const brokenTimes = [
  'yesterday',
  '2026-01-05',
  '2026-01-05 08:00:00Z',
  '2026-01-05T08:00:00',
  '2026-01-05T08:00:60Z',
  '2026-02-30T08:00:00Z',
  '2026-13-01T08:00:00Z',
  '2026-01-05T24:00:00Z',
  '2026-01-05T08:00:00.1234567Z',
  '2026-01-05t08:00:00z',
  '1767600000',
  '',
];

function patternOf({ pattern }: JsonSchema): RegExp {
  return new RegExp(typeof pattern === 'string' ? pattern : '^.*$', 'u');
}

function fits(schema: JsonSchema, text: string): boolean {
  const { minLength = 0, maxLength = Infinity } = schema;
  return (
    patternOf(schema).test(text) &&
    text.length >= Number(minLength) &&
    text.length <= Number(maxLength)
  );
}
