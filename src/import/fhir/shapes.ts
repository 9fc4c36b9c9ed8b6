/** The structure of the FHIR R4 data types and elements that the mapping reads. */
import {
  backbone,
  decimal,
  element,
  type ElementShape,
  integer,
  list,
  text,
  texts,
} from './shape.js';

const coding = element({ system: text, code: text, display: text });
export const concept = element({ coding: list(coding), text });
export const concepts = list(concept);
export const period = element({ start: text, end: text });

export const quantity = element({
  value: decimal,
  comparator: text,
  unit: text,
  system: text,
  code: text,
});
export const range = element({ low: quantity, high: quantity });
export const ratio = element({ numerator: quantity, denominator: quantity });

export const identifier = element({
  use: text,
  type: concept,
  system: text,
  value: text,
  period,
  assigner: element({ display: text }),
});
export const reference = element({
  reference: text,
  type: text,
  display: text,
  identifier: element({ system: text, value: text }),
});

export const humanName = element({
  use: text,
  text,
  family: text,
  given: texts,
  suffix: texts,
  period,
});
export const contactPoint = element({
  system: text,
  value: text,
  use: text,
  rank: integer,
  period,
});
export const address = element({
  use: text,
  text,
  line: texts,
  city: text,
  state: text,
  postalCode: text,
  country: text,
  period,
});

export const specimenShapes = {
  type: concept,
  status: text,
  subject: reference,
  collection: backbone({ collectedDateTime: text, collectedPeriod: period }),
};

/** Of other types than a Specimen only the type and the id are read; they use the same names for other things. */
const containedResource: ElementShape = {
  ...element({ resourceType: text, id: text, implicitRules: { not: {} } }),
  if: { properties: { resourceType: { const: 'Specimen' } }, required: ['resourceType'] },
  then: backbone(specimenShapes),
};

/** What every resource has. */
export const common = {
  id: text,
  contained: list(containedResource),
  meta: element({ versionId: text, lastUpdated: text, security: list(coding) }),
};
export const classCoding = coding;
export const referenceRanges = list(
  backbone({ low: quantity, high: quantity, type: concept, appliesTo: concepts, text }),
);
