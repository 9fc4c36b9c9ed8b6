// What is deprecated says since when, and until when it stays.
import { isDay } from '../contract/checks/deprecation.js';
import type { JsonObject } from '../contract/json.js';
import type { Fault, Rule } from './rule.js';

const days = ['x-deprecated-since', 'x-sunset'];

function check(node: JsonObject): readonly Fault[] {
  if (node.deprecated !== true) return [];
  return days
    .filter((day) => !isDay(node[day]))
    .map((day) => ({
      message: `Beside deprecated stands ${day}, as YYYY-MM-DD.`,
      at: ['deprecated'],
    }));
}

export const sunsetOfOperation: Rule = { on: 'Operation', check };
export const sunsetOfParameter: Rule = { on: 'Parameter', check };
export const sunsetOfField: Rule = { on: 'Schema', check };
export const sunsetOfHeader: Rule = { on: 'Header', check };
