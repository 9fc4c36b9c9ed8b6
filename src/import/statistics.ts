/** What is peculiar about a load beside its counts: which tests in which units. No values and no ids. */
import type { MappedRecord } from './fhir/mapping.js';

/** How often each unit stands beside each test code: `{ "http://loinc.org|2093-3": { "mg/dL": 1200 } }`. */
export type UnitCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Statistics {
  add(record: MappedRecord): void;
  units(): UnitCounts;
}

// A hospital has a few thousand tests; what is beyond that is no code.
export const mostCodes = 5000;
const mostUnits = 20;

export function createStatistics(): Statistics {
  const codes = new Map<string, Map<string, number>>();
  return {
    add(record) {
      if (record.collection !== 'lab_results' || record.content.test_code === null) return;
      const { test_code: code, test_system: system, unit_code: unitCode, unit } = record.content;
      const key = `${system ?? ''}|${code}`;
      let units = codes.get(key);
      if (units === undefined) {
        if (codes.size >= mostCodes) return;
        codes.set(key, (units = new Map<string, number>()));
      }
      const name = unitCode ?? unit ?? '';
      const known = units.get(name);
      if (known !== undefined || units.size < mostUnits) units.set(name, (known ?? 0) + 1);
    },
    units: () =>
      Object.fromEntries([...codes].map(([code, units]) => [code, Object.fromEntries(units)])),
  };
}
