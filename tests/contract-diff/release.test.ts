// What a version number must be, what may not be released, and how the changes are shown.
import { describe, expect, it } from 'vitest';
import { planRelease } from '../../tools/contract-release.js';
import type { Change, Verdict } from '../../tools/contract/change.js';
import { faultsOf } from '../../tools/contract/faults.js';
import { asJson, asMarkdown, asTable } from '../../tools/contract/report.js';

const document = (version: string) => ({ info: { version } });
const change = (verdict: Verdict, facts: Partial<Change> = {}): Change => ({
  change: 'The field x|y went.',
  where: '#/paths/~1patients/get/responses/200/content/application~1json/schema/items/properties/x',
  verdict,
  breaks: 'reader',
  instead: 'Keep it.',
  ...facts,
});
const early = change('breaking', { forbidden: true });

describe('faultsOf', () => {
  it.each([
    ['breaking', '2.0.0', []],
    ['breaking', '1.9.0', ['info.version is 1.9.0; these changes need 2.0.0.']],
    ['compatible', '1.3.0', []],
    ['compatible', '1.2.4', ['info.version is 1.2.4; these changes need 1.3.0.']],
    ['wording', '1.2.4', []],
    ['wording', '1.2.3', ['info.version is 1.2.3; these changes need 1.2.4.']],
  ] as const)('%s as %s', (verdict, version, faults) => {
    expect(faultsOf(document('1.2.3'), document(version), [change(verdict)])).toEqual(faults);
  });

  it('accepts the same version of the same contract', () => {
    expect(faultsOf(document('1.2.3'), document('1.2.3'), [])).toEqual([]);
  });

  it('refuses a version that goes back', () => {
    expect(faultsOf(document('1.2.3'), document('1.2.2'), [])).toHaveLength(1);
  });

  it('refuses what may not be removed yet, whatever the version', () => {
    expect(faultsOf(document('1.2.3'), document('2.0.0'), [early])).toHaveLength(1);
  });
});

describe('planRelease', () => {
  const base = document('1.2.3');
  it('takes the lowest version that is enough, and writes what changed', () => {
    expect(planRelease(base, [change('compatible')], undefined, '')).toEqual({
      version: [1, 3, 0],
      entry:
        '### Contract 1.3.0\n\n- compatible: `GET /patients 200 application/json [].x`: The field x|y went.\n',
    });
  });

  it('refuses a version that is too low', () => {
    expect(() => planRelease(base, [change('compatible')], '1.2.4', '')).toThrow('need 1.3.0');
  });

  it('refuses a breaking change without a note on how to migrate', () => {
    expect(() => planRelease(base, [change('breaking')], undefined, '')).toThrow('Migrating');
    const note = '### Migrating to contract 2.0.0';
    expect(planRelease(base, [change('breaking')], undefined, note).version).toEqual([2, 0, 0]);
  });

  it('refuses what may not be removed yet, and a release of nothing', () => {
    expect(() => planRelease(base, [early], '3.0.0', '')).toThrow('went');
    expect(() => planRelease(base, [], undefined, '')).toThrow('Nothing');
  });
});

describe('reports', () => {
  it('shows a table for a person', () => {
    expect(asTable([change('breaking')])).toBe(
      'verdict   who breaks  where                                    change               instead\n' +
        'breaking  reader      GET /patients 200 application/json [].x  The field x|y went.  Keep it.',
    );
    expect(asTable([])).toBe('Nothing has changed.');
  });

  it('shows a table for a pull request', () => {
    const text = asMarkdown([change('breaking')], ['Too low.']);
    expect(text).toContain('- **Too low.**');
    expect(text).toContain('| breaking | reader |');
    expect(text).toContain('x\\|y');
  });

  it('gives rows to a program', () => {
    const [row] = JSON.parse(asJson([early])) as unknown[];
    const { forbidden: _, ...shown } = early;
    expect(row).toEqual(shown);
  });
});
