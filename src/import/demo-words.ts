/** The words of the demonstration set: plainly invented people, common laboratory tests. */

export interface DemoTest {
  readonly code: string;
  readonly name: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly digits: number;
  /** Below it the laboratory reports a bound instead of a number. */
  readonly detectionLimit?: number;
}

type Words = readonly [string, ...string[]];

export const familyNames: Words = ['Example', 'Sample', 'Testpatient', 'Placeholder'];
export const givenNames: Words = [
  ...(['Ada', 'Ben', 'Cora', 'Dan', 'Eva', 'Finn'] as const),
  ...(['Gina', 'Hugo', 'Ida', 'Jon', 'Kira', 'Leo'] as const),
];
export const towns: Words = ['Sampleton', 'Exampleville', 'Testbury'];
export const reasons: Words = ['Check-up', 'Fever', 'Back pain', 'Follow-up of treatment'];

/** Names of LOINC; ranges are typical of adults, and mean nothing here. */
export const demoTests: readonly [DemoTest, ...DemoTest[]] = [
  { code: '2093-3', name: 'Total Cholesterol', unit: 'mg/dL', low: 120, high: 200, digits: 0 },
  { code: '718-7', name: 'Hemoglobin', unit: 'g/dL', low: 12, high: 17, digits: 1 },
  { code: '2823-3', name: 'Potassium', unit: 'mmol/L', low: 3.5, high: 5.1, digits: 1 },
  { code: '2160-0', name: 'Creatinine', unit: 'mg/dL', low: 0.6, high: 1.3, digits: 2 },
  {
    ...{ code: '10839-9', name: 'Troponin I', unit: 'ng/mL', low: 0, high: 0.04, digits: 3 },
    detectionLimit: 0.01,
  },
];
