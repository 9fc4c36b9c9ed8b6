// The rules by the names that redocly.yaml switches them on with.
import { auditColumns } from './audit-columns.js';
import { fieldDescribed } from './field-described.js';
import { fieldPhi } from './field-phi.js';
import { listShape } from './list-shape.js';
import { nullIsAType } from './null-is-a-type.js';
import { operationName } from './operation-name.js';
import { parameterDescribed } from './parameter-described.js';
import { refusalProblem } from './refusal-problem.js';
import type { Rule } from './rule.js';
import { securedRefusals } from './secured-refusals.js';
import { snakeCaseField, snakeCaseParameter } from './snake-case.js';
import {
  sunsetOfField,
  sunsetOfHeader,
  sunsetOfOperation,
  sunsetOfParameter,
} from './sunset-said.js';

export const rules: Readonly<Record<string, Rule>> = {
  'audit-columns': auditColumns,
  'field-described': fieldDescribed,
  'field-phi': fieldPhi,
  'list-shape': listShape,
  'null-is-a-type': nullIsAType,
  'operation-name': operationName,
  'parameter-described': parameterDescribed,
  'refusal-problem': refusalProblem,
  'secured-refusals': securedRefusals,
  'snake-case-field': snakeCaseField,
  'snake-case-parameter': snakeCaseParameter,
  'sunset-of-field': sunsetOfField,
  'sunset-of-header': sunsetOfHeader,
  'sunset-of-operation': sunsetOfOperation,
  'sunset-of-parameter': sunsetOfParameter,
};
