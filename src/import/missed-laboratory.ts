/** Whether an extract seems to hold laboratory results that do not say they are. */
import { perhapsLaboratory } from './fhir/laboratory.js';
import type { ImportReport } from './import-report.js';

const tolerated = 0.01;

/** True when more than 1% of the Observations that are or may be the laboratory's have no known category. */
export function isLaboratoryMissed({ skipped, collections }: ImportReport): boolean {
  const missed = skipped[perhapsLaboratory] ?? 0;
  const read = collections.lab_results?.read ?? 0;
  return missed > (missed + read) * tolerated;
}
