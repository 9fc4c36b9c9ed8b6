/** The structure of the FHIR R4 data types and elements that the mapping reads. */
import { backbone, decimal, element, integer, list, text, texts } from './shape.js';

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

export const identifier = element({ use: text, type: concept, system: text, value: text, period });
export const reference = element({ reference: text, type: text, display: text });

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

/** What every resource has. */
export const common = {
  id: text,
  meta: element({ versionId: text, lastUpdated: text, security: list(coding) }),
};
export const classCoding = coding;
export const referenceRanges = list(
  backbone({ low: quantity, high: quantity, type: concept, appliesTo: concepts, text }),
);
