// Every list takes the same parameters and answers with the same headers.
import { type Json, objectOf, wordOf } from '../contract/json.js';
import type { Rule } from './rule.js';

const parameters = ['limit', 'cursor', 'updated_since', 'is_active'];
const headers = [
  'Next-Cursor',
  'Link',
  'Feed-Epoch',
  'Feed-Position',
  'Preference-Applied',
  'X-Request-Id',
  'Cache-Control',
];

export const listShape: Rule = {
  on: 'Operation',
  check: (operation, { follow }) => {
    if (!wordOf(operation.operationId).startsWith('list')) return [];
    const list = Array.isArray(operation.parameters) ? (operation.parameters as Json[]) : [];
    const taken = list.map((parameter) => follow(parameter).node.name);
    const success = objectOf(operation.responses)['200'];
    const sent = objectOf(follow(success).node.headers);
    return [
      ...parameters
        .filter((name) => !taken.includes(name))
        .map((name) => ({ message: `A list has to take ${name}.`, at: ['parameters'] })),
      ...headers
        .filter((name) => !(name in sent))
        .map((name) => ({
          message: `A list has to answer with ${name}.`,
          at: ['responses', '200'],
        })),
    ];
  },
};
