/** The structure of the elements of FHIR R4 Observation that the mapping reads. */
import type { Observation } from 'fhir/r4.js';
import { valueShapes } from './lab-value.js';
import { backbone, createFit, element, list, text } from './shape.js';
import { common, concept, concepts, period, reference, referenceRanges } from './shapes.js';

const measured = {
  ...valueShapes,
  code: concept,
  dataAbsentReason: concept,
  interpretation: concepts,
  referenceRange: referenceRanges,
};
/** Of what a resource contains only a Specimen is read; other types use the same names for other things. */
const contained = {
  if: { properties: { resourceType: { const: 'Specimen' } }, required: ['resourceType'] },
  then: element({
    id: text,
    type: concept,
    collection: backbone({ collectedDateTime: text, collectedPeriod: period }),
  }),
};
const decisive = [
  'id',
  'meta',
  'status',
  'code',
  'subject',
  'focus',
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
    encounter: reference,
    effectiveDateTime: text,
    effectiveInstant: text,
    effectivePeriod: period,
    issued: text,
    note: list(element({ text })),
    specimen: reference,
    hasMember: list(reference),
    contained: list(contained),
    component: list(backbone(measured)),
  },
  // The keys are what the object above is made of.
  [...decisive, ...(Object.keys(valueShapes) as (keyof typeof valueShapes)[])],
);
