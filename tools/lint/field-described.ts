// Every field says what it is, gives an example, and is bounded.
import { objectOf } from '../contract/json.js';
import { type Rule, isBounded, isSentence } from './rule.js';

export const fieldDescribed: Rule = {
  on: 'Schema',
  check: (schema, { follow }) =>
    Object.entries(objectOf(schema.properties)).flatMap(([name, property]) => {
      const { node } = follow(property);
      const at = ['properties', name];
      return [
        ...(isSentence(node.description)
          ? []
          : [{ message: `${name} needs a description, a sentence.`, at }]),
        ...('example' in node || 'properties' in node
          ? []
          : [{ message: `${name} needs an example.`, at }]),
        ...(isBounded(node)
          ? []
          : [{ message: `${name} needs a bound: a pattern, a format, a length or a range.`, at }]),
      ];
    }),
};
