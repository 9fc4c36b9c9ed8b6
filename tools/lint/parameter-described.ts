// Every parameter says what it is, gives an example, and is bounded.
import { type Rule, isBounded, isSentence } from './rule.js';

export const parameterDescribed: Rule = {
  on: 'Parameter',
  check: (parameter, { follow }) => [
    ...(isSentence(parameter.description)
      ? []
      : [{ message: 'A parameter needs a description, a sentence.', at: ['description'] }]),
    ...('example' in parameter || 'examples' in parameter
      ? []
      : [{ message: 'A parameter needs an example.', at: ['name'] }]),
    ...(isBounded(follow(parameter.schema).node)
      ? []
      : [
          {
            message: 'A parameter needs a bound: a pattern, a format, a length or a range.',
            at: ['schema'],
          },
        ]),
  ],
};
