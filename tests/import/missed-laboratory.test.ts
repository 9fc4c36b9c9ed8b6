/** Observations without a category that look like results: counted, and above 1% a reason to end with status 2. */
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { createImporter } from '../../src/ingest/importer.js';
import { isLaboratoryMissed } from '../../src/ingest/import-report.js';
import { createMemoryStore, inputOf } from './memory-store.js';

const potassium = { coding: [{ system: 'http://loinc.org', code: '2823-3' }] };
const heartRate = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] };
const laboratory = [{ coding: [{ code: 'laboratory' }] }];

function observations(count: number, facts: object): string {
  return Array.from({ length: count }, (_, n) => {
    const id = `${JSON.stringify(facts).length}-${n}`;
    const subject = { reference: 'Patient/1' };
    return `${JSON.stringify({ resourceType: 'Observation', id, status: 'final', subject, ...facts })}\n`;
  }).join('');
}

const named = (code: string, display: string) => ({
  code: { coding: [{ system: 'http://loinc.org', code, display }] },
});
const ucum = (code: string) => ({ value: 1, system: 'http://unitsofmeasure.org', code });

async function missed(text: string) {
  const { store } = createMemoryStore();
  const importer = createImporter({ contract: readContract(), store, timeZone: 'UTC' });
  const report = await importer.run({ inputs: [inputOf(text)], source: 'ehr' });
  return { skipped: report.skipped, isMissed: isLaboratoryMissed(report) };
}

describe('Observations without a category', () => {
  const perhaps = 'Observation (perhaps laboratory)';
  const not = 'Observation (not laboratory)';
  const counted: readonly [string, object, string][] = [
    ['a test of LOINC', { code: potassium }, perhaps],
    ['a specimen', { code: { text: 'x' }, specimen: { reference: 'Specimen/1' } }, perhaps],
    ['an empty category', { category: [], code: potassium }, perhaps],
    ['a heart rate', { code: heartRate }, not],
    ['another category', { category: [{ text: 'exam' }], code: potassium }, not],
    ['a category that nobody knows', { category: [{ text: 'x' }], code: potassium }, perhaps],
    [
      'a concentration of a category that nobody knows, such as an infusion',
      { category: [{ text: 'x' }], code: { text: 'x' }, valueQuantity: ucum('mg/mL') },
      not,
    ],
    ['a local code', { code: { coding: [{ system: 'urn:x', code: '2823-3' }] } }, not],
    ['nothing at all', {}, not],
    ['a rare test by its name', named('1742-9', 'Widget [Moles/volume] in Serum'), perhaps],
    ['a specimen in its name', named('1742-9', 'Widget in Urine by Test strip'), perhaps],
    [
      'pulse oximetry',
      named('59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry'),
      not,
    ],
    ['a concentration', { code: { text: 'x' }, valueQuantity: ucum('mmol/L') }, perhaps],
    ['a flow', { code: { text: 'x' }, valueQuantity: ucum('L/min') }, not],
    ['a weight', { code: { text: 'x' }, valueQuantity: ucum('kg') }, not],
  ];
  it.each(counted)('%s', async (_, facts, type) => {
    expect((await missed(observations(1, facts))).skipped).toEqual({ [type]: 1 });
  });

  it('are too many above 1%', async () => {
    const known = observations(99, { category: laboratory, code: potassium });
    const one = await missed(known + observations(1, { code: potassium }));
    const two = await missed(known + observations(2, { code: potassium }));
    expect([one.isMissed, two.isMissed]).toEqual([false, true]);
  });
});
