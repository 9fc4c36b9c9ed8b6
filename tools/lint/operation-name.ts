// An operation is named by a verb and what it is about.
import { wordOf } from '../contract/json.js';
import type { Rule } from './rule.js';

const verbs: Readonly<Record<string, readonly string[]>> = {
  get: ['list', 'get'],
  post: ['create', 'add'],
  put: ['replace'],
  patch: ['update'],
  delete: ['delete'],
};

export const operationName: Rule = {
  on: 'Operation',
  check: ({ operationId }, { key }) => {
    const allowed = verbs[key] ?? [];
    if (new RegExp(`^(?:${allowed.join('|')})[A-Z][A-Za-z0-9]*$`).test(wordOf(operationId)))
      return [];
    return [
      {
        message: `The name of a ${key} begins with ${allowed.join(' or ')}, then says what it is about.`,
        at: ['operationId'],
      },
    ];
  },
};
