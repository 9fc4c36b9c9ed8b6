/** Says of each validation error which parameter it is about and what would be right, without repeating its value. */
import type { ErrorObject } from 'ajv';
import type { FieldError } from '../problem.js';

export function fieldErrors(errors: readonly ErrorObject[]): readonly FieldError[] {
  const found = errors.map(fieldError);
  return found.filter(
    ({ parameter, detail }, index) =>
      found.findIndex((other) => other.parameter === parameter && other.detail === detail) ===
      index,
  );
}

function fieldError({ instancePath, keyword, params, message, data }: ErrorObject): FieldError {
  const [, , parameter] = instancePath.split('/').map((step) => step.replaceAll('~1', '/'));
  if (keyword === 'additionalProperties') {
    return {
      parameter: String(params.additionalProperty),
      detail: 'is not a parameter of this operation',
    };
  }
  return {
    parameter: parameter ?? instancePath,
    detail: Array.isArray(data) ? 'must be given once only' : (message ?? `must fit ${keyword}`),
  };
}
