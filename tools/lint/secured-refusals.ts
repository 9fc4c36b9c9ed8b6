// An operation behind a key says how it refuses: a wrong key, too many of them, and keys that cannot be had.
import { objectOf } from '../contract/json.js';
import type { Rule } from './rule.js';

const wanted = ['401', '429', '503'];

export const securedRefusals: Rule = {
  on: 'Operation',
  check: (operation) => {
    if (!Array.isArray(operation.security) || operation.security.length === 0) return [];
    const listed = objectOf(operation.responses);
    return wanted
      .filter((status) => !(status in listed))
      .map((status) => ({
        message: `An operation behind a key has to list ${status}.`,
        at: ['responses'],
      }));
  },
};
