/** Checks that the elements which the mapping reads have the structure that FHIR gives them. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { LosslessNumber } from 'lossless-json';
import type { Defect } from './mapping.js';

export type ElementShape = Readonly<Record<string, unknown>>;

export const text: ElementShape = { type: 'string' };
export const flag: ElementShape = { type: 'boolean' };
export const integer: ElementShape = { type: 'integer' };
const decimal: ElementShape = { decimal: true };
/** FHIR puts null into a list of primitives where there is only an extension. */
export const texts: ElementShape = list({ type: ['string', 'null'] });

export function list(items: ElementShape): ElementShape {
  return { type: 'array', items };
}

export function element(properties: Readonly<Record<string, ElementShape>>): ElementShape {
  return { type: 'object', properties };
}

/** An element that may carry modifier extensions. None is understood here, so none may be there. */
export function backbone(properties: Readonly<Record<string, ElementShape>>): ElementShape {
  return element({ ...properties, modifierExtension: { type: 'array', maxItems: 0 } });
}

type Fitted<Resource> =
  | { readonly kind: 'fits'; readonly resource: Resource; readonly defects: readonly Defect[] }
  | { readonly kind: 'rejected'; readonly pointer: string; readonly modifier: boolean };

type Fields = Readonly<Record<string, unknown>>;

const ajv = new Ajv2020({ allErrors: true, strict: false });
ajv.addKeyword({
  keyword: 'decimal',
  schema: false,
  validate: (value: unknown) => typeof value === 'number' || value instanceof LosslessNumber,
});

/**
 * A reader that takes away what is broken, counted as defects, unless the element decides what the resource means.
 * @param decisive elements without which the rest would be misread
 */
export function createFit<Resource>(
  properties: Readonly<Record<string, ElementShape>>,
  decisive: readonly (keyof Resource & string)[],
): (resource: Fields) => Fitted<Resource> {
  const validate = ajv.compile(backbone({ ...properties, implicitRules: { not: {} } }));
  const elements = new Set<string>([...decisive, 'modifierExtension', 'implicitRules']);
  const errorsOf = (resource: Fields) => (validate(resource) ? [] : (validate.errors ?? []));
  // The shape has just been checked, which is what makes the type true.
  const fits = (resource: Fields, defects: readonly Defect[]) =>
    ({ kind: 'fits', resource: resource as Resource, defects }) as const;

  return (resource) => {
    if (validate(resource)) return fits(resource, []);
    const clean = withoutNulls(resource);
    const errors = errorsOf(clean);
    const fatal = errors.find((error) => isModifier(error) || elements.has(topOf(error)));
    if (fatal !== undefined) {
      return { kind: 'rejected', pointer: fatal.instancePath, modifier: isModifier(fatal) };
    }
    return fits(without(clean, errors.map(stepsOf)), errors.map(defectOf));
  };
}

function stepsOf({ instancePath }: ErrorObject): readonly string[] {
  return instancePath.split('/').slice(1);
}

function topOf(error: ErrorObject): string {
  return stepsOf(error)[0] ?? '';
}

function isModifier({ instancePath, keyword }: ErrorObject): boolean {
  return (
    instancePath.endsWith('/implicitRules') ||
    (instancePath.endsWith('/modifierExtension') && keyword === 'maxItems')
  );
}

function defectOf(error: ErrorObject): Defect {
  const path = stepsOf(error).filter((step) => !/^\d+$/.test(step));
  return { field: path.join('.'), rule: error.message ?? error.keyword };
}

/** A null property says nothing in JSON; FHIR does not allow it, yet exports have it. Nothing that is read lies deeper. */
function withoutNulls(fields: Fields): Fields {
  const deepest = 16;
  const clean = (value: unknown, depth: number): unknown => {
    if (depth > deepest) return value;
    if (Array.isArray(value)) return value.map((entry) => clean(entry, depth + 1));
    if (!isObject(value)) return value;
    const stated = Object.entries(value).filter(([, entry]) => entry !== null);
    return Object.fromEntries(stated.map(([name, entry]) => [name, clean(entry, depth + 1)]));
  };
  // An object stays an object.
  return clean(fields, 0) as Fields;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !(value instanceof LosslessNumber);
}

/** Without the broken elements. */
function without(fields: Fields, broken: readonly (readonly string[])[]): Fields {
  const left: Record<string, unknown> = { ...fields };
  for (const top of new Set(broken.map(([name]) => name ?? ''))) {
    const steps = broken.filter(([name]) => name === top).map(([, step]) => step);
    left[top] = steps.includes(undefined) ? undefined : remaining(top, fields[top], steps);
  }
  return left;
}

/** Of a list the whole entries, so that nothing half read is left; of a period by itself the other end. */
function remaining(name: string, value: unknown, broken: readonly unknown[]): unknown {
  if (Array.isArray(value)) return value.filter((_, index) => !broken.includes(String(index)));
  if (!periods.has(name) || !isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([end]) => !broken.includes(end)));
}

const periods: ReadonlySet<string> = new Set(['period', 'effectivePeriod']);

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
