/** Each clinical case: a resource in, the exact record or the refusal out. */
import { describe, expect, it } from 'vitest';
import type { Case, Fields, Outcome } from './cases/case.js';
import { noValueCases } from './cases/no-value.js';
import { patientCases } from './cases/patients.js';
import { resultCases } from './cases/results.js';
import { visitCases } from './cases/visits.js';
import { outcomes } from './mapped.js';

const all: readonly (readonly [string, readonly Case[]])[] = [
  ['Patient', patientCases],
  ['Encounter and Appointment', visitCases],
  ['Observation', resultCases],
  ['Observation without a value', noValueCases],
];

describe.each(all)('%s', (_, cases) => {
  it.each(cases.map((each) => [each.rule, each.name, each] as const))(
    '%s: %s',
    (_rule, _name, { resource, expected }) => {
      expect(outcomes(resource)).toEqual(expected.map(stated));
    },
  );
});

function stated(outcome: Outcome): Fields {
  return 'record' in outcome ? { defects: [], ...outcome } : { ...outcome };
}

describe('the table', () => {
  const every = all.flatMap(([, cases]) => cases);

  it('has at least 100 cases, each citing its page, none twice', () => {
    const names = new Set(every.map(({ rule, name }) => `${rule}: ${name}`));
    expect(every.length).toBeGreaterThanOrEqual(100);
    expect(names.size).toBe(every.length);
    expect(
      every.filter(({ rule }) => !/^(?:R5 )?(?:v3\/\w+\/)?[a-z0-9-]+\.html/.test(rule)),
    ).toEqual([]);
  });
});
