/** The structure of the elements of FHIR R4 Observation that the mapping reads. */
import type { Observation } from 'fhir/r4.js';
import { valueShapes } from './lab-value.js';
import { backbone, createFit, element, list, text, texts } from './shape.js';
import { common, concept, concepts, period, reference, referenceRanges } from './shapes.js';

const measured = {
  ...valueShapes,
  code: concept,
  dataAbsentReason: concept,
  interpretation: concepts,
  referenceRange: referenceRanges,
};
const decisive = [
  'id',
  'meta',
  'status',
  'code',
  'subject',
  'focus',
  'extension',
  'component',
  'hasMember',
  'referenceRange',
  'dataAbsentReason',
] as const;

/** The category alone: it says whether the rest concerns the laboratory. */
export const fitCategory = createFit<Observation>({ category: concepts }, ['category']);

export const fitObservation = createFit<Observation>(
  {
    ...common,
    ...measured,
    status: text,
    subject: reference,
    focus: list(reference),
    extension: list(element({ url: text })),
    encounter: reference,
    effectiveDateTime: text,
    effectiveInstant: text,
    effectivePeriod: period,
    effectiveTiming: backbone({ event: texts }),
    issued: text,
    note: list(element({ text })),
    specimen: reference,
    hasMember: list(reference),
    component: list(backbone(measured)),
  },
  // The keys are what the object above is made of.
  [...decisive, ...(Object.keys(valueShapes) as (keyof typeof valueShapes)[])],
);
