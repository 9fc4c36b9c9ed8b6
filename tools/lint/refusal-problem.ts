// Every refusal is a problem (RFC 9457) and nothing else.
import { objectOf } from '../contract/json.js';
import type { Rule } from './rule.js';

export const refusalProblem: Rule = {
  on: 'Response',
  check: (response, { key }) => {
    if (!/^[45]/.test(key)) return [];
    const types = Object.keys(objectOf(response.content));
    if (types.length === 1 && types[0] === 'application/problem+json') return [];
    return [{ message: `${key} has to be application/problem+json alone.`, at: ['content'] }];
  },
};
