// Fields and parameters are written in snake_case.
import { objectOf, wordOf } from '../contract/json.js';
import type { Rule } from './rule.js';

const snake = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

export const snakeCaseField: Rule = {
  on: 'Schema',
  check: (schema) =>
    Object.keys(objectOf(schema.properties))
      .filter((name) => !snake.test(name))
      .map((name) => ({ message: `${name} has to be snake_case.`, at: ['properties', name] })),
};

export const snakeCaseParameter: Rule = {
  on: 'Parameter',
  check: ({ name, in: place }) =>
    place === 'header' || snake.test(wordOf(name))
      ? []
      : [{ message: `${wordOf(name)} has to be snake_case.`, at: ['name'] }],
};
