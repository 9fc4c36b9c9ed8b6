// Every field says how far it tells of a person: logs, warehouse tags and de-identified views go by it.
import { objectOf } from '../contract/json.js';
import type { Rule } from './rule.js';

const levels: readonly unknown[] = ['direct', 'quasi', 'health', 'none'];

export const fieldPhi: Rule = {
  on: 'Schema',
  check: (schema, { follow }) =>
    Object.entries(objectOf(schema.properties))
      .filter(([, property]) => !levels.includes(follow(property).node['x-phi']))
      .map(([name]) => ({
        message: `${name} needs x-phi: direct, quasi, health or none.`,
        at: ['properties', name],
      })),
};
