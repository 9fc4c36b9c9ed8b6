// Null is written as a type: a branch for it costs every generated client a union.
import { type Json, objectOf } from '../contract/json.js';
import type { Rule } from './rule.js';

export const nullIsAType: Rule = {
  on: 'Schema',
  check: (schema) =>
    ['anyOf', 'oneOf'].flatMap((combinator) => {
      const branches = schema[combinator];
      if (!Array.isArray(branches)) return [];
      const hasNull = (branches as readonly Json[]).some((one) => objectOf(one).type === 'null');
      if (!hasNull) return [];
      return [
        { message: `Write type: [string, 'null'] in place of ${combinator}.`, at: [combinator] },
      ];
    }),
};
