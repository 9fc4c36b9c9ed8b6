/** What each kind of change to the contract asks of the warehouse. */
import { describe, expect, it } from 'vitest';
import { contractOf, readContract } from '../../src/contract/contract.js';
import type { OpenApiDocument } from '../../src/contract/document.js';
import { planOf, planText, type Step } from '../../src/warehouse/plan.js';
import { type Edit, append, applied, drop, rename, set } from '../contract-diff/edits.js';

const { document } = readContract();
const patient = '#/components/schemas/Patient';
const text = (value: object) => ({
  ...{ description: 'What they are called.', maxLength: 64, 'x-phi': 'direct' },
  ...value,
});

function planAfter(edits: readonly Edit[]) {
  const revised = applied(document as never, edits) as unknown as OpenApiDocument;
  return planOf(contractOf(document).collections, contractOf(revised).collections);
}

const isOfView = (step: Step) => step.kind === 'refusal' && step.what.startsWith('the view ');

interface Case {
  readonly change: string;
  readonly edits: readonly Edit[];
  readonly before?: readonly RegExp[];
  readonly after?: readonly RegExp[];
}

const nickname = `${patient}/properties/nickname`;
const cases: readonly Case[] = [
  {
    change: 'a new nullable field',
    edits: [set(nickname, text({ type: ['string', 'null'] }))],
    before: [
      /^ALTER TABLE `\$\{dataset\}\.patients` ADD COLUMN IF NOT EXISTS `nickname` STRING OPTIONS \(description = "What they are called\."\);$/,
    ],
  },
  {
    change: 'a new field that is always there',
    edits: [set(nickname, text({ type: 'string' })), append(`${patient}/required`, 'nickname')],
    before: [
      /^ALTER TABLE `\$\{dataset\}\.patients` ADD COLUMN IF NOT EXISTS `nickname` STRING OPTIONS .*stays NULLABLE/s,
    ],
  },
  {
    change: 'a new field inside an object',
    edits: [
      set('#/components/schemas/Address/properties/district', text({ type: ['string', 'null'] })),
    ],
    before: [/^patients\.address\.district is a new field.*bq update/s],
  },
  {
    change: 'a new enum value',
    edits: [append(`${patient}/properties/gender/enum`, 'new')],
  },
  {
    change: 'a field removed',
    edits: [drop(`${patient}/properties/phone`)],
    after: [/^patients\.phone is gone.*the column stays/s],
  },
  {
    change: 'a field removed that was always there',
    edits: [drop(`${patient}/properties/source_id`)],
    before: [/ALTER COLUMN `source_id` DROP NOT NULL;.*the column stays/s],
  },
  {
    change: 'another type',
    edits: [set(`${patient}/properties/mrn/type`, ['integer', 'null'])],
    before: [/^patients\.mrn changes from STRING to INT64.*new field beside the old one/s],
  },
  {
    change: 'a whole number that becomes a fraction',
    edits: [set('#/components/schemas/Version/type', 'number')],
    before: ['patients', 'appointments', 'lab_results'].map(
      (table) =>
        new RegExp(
          `^ALTER TABLE \`\\$\\{dataset\\}\\.${table}\` ALTER COLUMN \`version\` SET DATA TYPE FLOAT64;$`,
        ),
    ),
  },
  {
    change: 'a field renamed',
    edits: [rename(`${patient}/properties/phone`, 'telephone')],
    before: [/ADD COLUMN IF NOT EXISTS `telephone` STRING.*coalesce\(telephone, /s],
    after: [/^patients\.phone is gone/],
  },
  { change: 'maxLength raised', edits: [set(`${patient}/properties/phone/maxLength`, 128)] },
  {
    change: 'a field that may now be null',
    edits: [set(`${patient}/properties/source_id/type`, ['string', 'null'])],
    before: [/ALTER COLUMN `source_id` DROP NOT NULL;$/],
  },
  {
    change: 'a field that may no longer be null',
    edits: [set(`${patient}/properties/phone/type`, 'string')],
    after: [/^patients\.phone is never null any more/],
  },
  {
    change: 'more protection',
    edits: [set(`${patient}/properties/mrn_system/x-phi`, 'direct')],
    after: [/^patients\.mrn_system gets the policy tag direct in place of none/],
  },
  {
    change: 'other words',
    edits: [set(`${patient}/properties/phone/description`, 'The phone.')],
    after: [/ALTER COLUMN `phone` SET OPTIONS \(description = "The phone\."\);$/],
  },
  {
    change: 'a collection removed',
    edits: [drop('#/paths/~1lab_results~1{lab_result_id}')],
    after: [/^appointments is to be clustered by|^lab_results is no longer a collection/],
  },
];

describe('warehouse plan', () => {
  it.each(cases)('for $change', ({ edits, before = [], after = [] }) => {
    const plan = planAfter(edits);
    const lines = [plan.before, plan.after].map((steps) =>
      steps
        .filter((step) => !isOfView(step))
        .map((step) =>
          step.kind === 'statement'
            ? [step.sql, ...(step.note === undefined ? [] : [step.note])].join('\n')
            : `${step.what}\n${step.way}`,
        ),
    );
    expect(lines.map((found) => found.length)).toEqual([before.length, after.length]);
    [...before].forEach((pattern, index) => {
      expect(lines[0]?.[index]).toMatch(pattern);
    });
    [...after].forEach((pattern, index) => {
      expect(lines[1]?.[index]).toMatch(pattern);
    });
  });

  it.each([
    {
      change: 'a new field, which views show only when they are made anew',
      edits: [set(nickname, text({ type: ['string', 'null'] }))],
      views: ['patients (way B only)', 'patients_current'],
    },
    {
      change: 'a field that may hold free text from now on',
      edits: [set('#/components/schemas/Appointment/properties/type_code/x-free-text', true)],
      views: ['appointments_deidentified'],
    },
    {
      change: 'a code that is no longer one',
      edits: [set(`${patient}/properties/gender/enum`, ['male', 'female', null])],
      views: ['patients_deidentified'],
    },
    { change: 'other words', edits: [set(`${patient}/description`, 'A person.')], views: [] },
  ])('names the views that change by $change', ({ edits, views }) => {
    const named = planAfter(edits).before.filter(isOfView);
    expect(named.map((step) => step.kind === 'refusal' && step.what)).toEqual(
      views.map((view) => `the view ${view} changes`),
    );
    expect(named.every((step) => step.kind === 'refusal' && step.way.includes('.ddl.sql'))).toBe(
      true,
    );
  });

  it('says the order: tables, then the service, then what had to wait', () => {
    const told = planText(planAfter([rename(`${patient}/properties/phone`, 'telephone')]));
    const places = ['1. ', 'ALTER TABLE', '2. ', '3. ', 'phone is gone'].map((word) =>
      told.indexOf(word),
    );
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places).not.toContain(-1);
  });

  it('says when there is nothing to do', () => {
    expect(planText(planAfter([]))).toBe('Tables and views stay as they are.\n');
  });
});
